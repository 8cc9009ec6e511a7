using Bindwise.Linux.Live;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Subjects;

/// <summary>
/// A network namespace as systemd makes it for a unit with PrivateNetwork=: new, with loopback up and nothing else. It is gone with the thread.
/// </summary>
internal static class FreshNetwork
{
    /// <summary>Moves the calling thread into one.</summary>
    /// <exception cref="InspectionException">The caller may not make one.</exception>
    internal static void Enter()
    {
        var errno = NetworkNamespaceCall.Unshare();
        if (errno != Errno.None)
            throw new InspectionException($"the unit has its own network namespace, and creating one like it {(errno == Errno.EPERM ? "needs root (CAP_SYS_ADMIN)" : $"failed with {errno}")}");
        try
        {
            NamespaceSetup.Build(hasPair: false);
        }
        catch (LiveUnavailableException e)
        {
            throw new InspectionException(e.Message, e);
        }
    }
}
