using System.Runtime.Versioning;

// Whoever calls into this room has to have asked whether this is Linux: the compiler checks it (CA1416).

[assembly: SupportedOSPlatform("linux")]
