using System.Buffers.Text;
using System.Runtime.Versioning;
using Bindwise.Model.Diagnosing.Owners;

namespace Bindwise.Linux.Proc;

/// <summary>
/// Whose processes /proc shows. That of another PID namespace, which some containers and <c>unshare --pid</c> leave mounted, has other
/// processes under the same numbers: a signal to one of them would reach another, so nothing is read there.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class ProcMountReader
{
    public static ProcMount State { get; } = Read();

    /// <summary>/proc numbers processes as this one does.</summary>
    public static bool IsOwn => State == ProcMount.Own;

    /// <summary>Why no process is looked for in /proc, one clause; null where it is this PID namespace's.</summary>
    public static string? Fault => ProcMountText.Of(State);

    private static ProcMount Read()
    {
        Span<byte> text = stackalloc byte[16];
        return ReadLinkAt.Read(OpenAt.WorkingDirectory, "/proc/self\0"u8, text, out var length) == Errno.None
            && Utf8Parser.TryParse(text[..length], out int id, out _) && id == Environment.ProcessId ? ProcMount.Own
            : FileStatusCall.Stat("/proc/version\0"u8, out _) == Errno.None ? ProcMount.Foreign : ProcMount.Missing;
    }
}
