using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>struct ucred (unix(7)), as seen from the caller's PID and user namespaces.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PeerCredentials
{
    /// <summary>0 where the process is in no namespace that the caller sees.</summary>
    internal int ProcessId;
    internal uint UserId;
    internal uint GroupId;

    internal const int SizeBytes = 12;
}
