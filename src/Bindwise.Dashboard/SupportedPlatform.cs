using System.Runtime.Versioning;

// What it shows is the running Linux kernel's.

[assembly: SupportedOSPlatform("linux")]
