using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>kcmp(2): whether two threads share one table of descriptors. Needs the right to trace both (and CONFIG_KCMP).</summary>
internal static partial class KCmp
{
    private const int Files = 2;

    /// <summary>Compares the descriptor tables of two threads (KCMP_FILES).</summary>
    /// <returns>True: one table. False: two. Null: the kernel does not tell.</returns>
    internal static bool? SameDescriptorTable(int first, int second)
    {
        var result = KCmpCore(SystemCallNumber.KCmp, first, second, Files, 0, 0);
        return result < 0 ? null : result == 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint KCmpCore(nint number, nint first, nint second, nint type, nint firstIndex, nint secondIndex);
}
