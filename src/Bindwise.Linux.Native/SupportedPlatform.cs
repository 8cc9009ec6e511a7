using System.Runtime.CompilerServices;
using System.Runtime.Versioning;

// Whoever calls into this room has to have asked whether this is Linux: the compiler checks it (CA1416).

[assembly: SupportedOSPlatform("linux")]

// Every argument goes to the kernel as it is: so the calls are compiled ahead with the rest, and none at run time.
[assembly: DisableRuntimeMarshalling]
