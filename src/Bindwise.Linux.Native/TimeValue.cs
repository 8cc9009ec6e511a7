namespace Bindwise.Linux.Native;

/// <summary>struct timeval of a 64-bit system.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeValue
{
    internal long Seconds;
    internal long Microseconds;
}
