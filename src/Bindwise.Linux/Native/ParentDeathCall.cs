using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>prctl(2) with PR_SET_PDEATHSIG, getppid(2) and _exit(2): the end of a child.</summary>
internal static partial class ParentDeathCall
{
    private const int SetSignal = 1;

    /// <summary>
    /// The calling process is killed when the thread that started it ends. The kernel forgets that when the process changes its user
    /// (commit_creds(), kernel/cred.c).
    /// </summary>
    internal static void DieWithParent() => _ = ControlCore(SetSignal, SignalCall.Kill, 0, 0, 0);

    /// <summary>The parent's process id.</summary>
    [LibraryImport("libc", EntryPoint = "getppid")]
    internal static partial int Parent();

    /// <summary>Ends the calling process at once, with everything open that it has open.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    internal static partial void Exit(int status);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ControlCore(int option, nint second, nint third, nint fourth, nint fifth);
}
