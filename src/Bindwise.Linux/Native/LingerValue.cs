using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>struct linger (socket(7)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LingerValue
{
    internal int OnOff;
    internal int Seconds;

    internal const int SizeBytes = 8;
}
