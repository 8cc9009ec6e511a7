using System.Runtime.InteropServices;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Tests.Kernel;

/// <summary>Refuses the calling thread's sendto(2) with EPERM from now on (seccomp(2)): no netlink request is sent. It should end soon after.</summary>
public static partial class SendFilter
{
    private const int SetSeccomp = 22;
    private const int FilterMode = 2;

    /// <summary>Begins.</summary>
    public static unsafe void Begin()
    {
        var number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 44u : 206u;
        // The call's number; that one gets EPERM, all others are the kernel's.
        var program = stackalloc FilterInstruction[] { new(0x20, 0, 0, 0), new(0x15, 0, 1, number), new(0x06, 0, 0, 0x0005_0001), new(0x06, 0, 0, 0x7fff_0000) };
        var filter = new Program { Length = 4, Instructions = program };
        if (PrctlCore(SetSeccomp, FilterMode, &filter, 0, 0) != 0)
            throw new InvalidOperationException($"seccomp: {(Errno)Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static unsafe partial int PrctlCore(int option, nuint mode, Program* program, nuint fourth, nuint fifth);

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Program
    {
        internal ushort Length;
        internal FilterInstruction* Instructions;
    }
}
