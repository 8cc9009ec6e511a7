using System.Runtime.Versioning;

// Elsewhere every test is skipped before it touches anything (Requirements).
[assembly: SupportedOSPlatform("linux")]
