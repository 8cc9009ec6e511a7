using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>sched_getaffinity(2) and sched_setaffinity(2) of the calling thread.</summary>
internal static unsafe partial class AffinityCall
{
    /// <summary>Room for 8192 processors, the most that Linux knows (CONFIG_NR_CPUS).</summary>
    private const int MaskBytes = 1024;

    private const int BitsInAByte = 8;

    /// <summary>Does something on each processor that the calling thread may use, one after the other; on the one it is on where that cannot be told.</summary>
    internal static void OnEach(Action action)
    {
        var allowed = new byte[MaskBytes];
        int length;
        fixed (byte* mask = allowed)
            length = GetCore(0, MaskBytes, mask);
        if (length <= 0)
        {
            action();
            return;
        }
        try
        {
            for (var processor = 0; processor < length * BitsInAByte; processor++)
            {
                var bit = (byte)(1 << processor % BitsInAByte);
                if ((allowed[processor / BitsInAByte] & bit) == 0)
                    continue;
                var one = new byte[MaskBytes];
                one[processor / BitsInAByte] = bit;
                Set(one, length);
                action();
            }
        }
        finally
        {
            Set(allowed, length);
        }
    }

    private static void Set(byte[] mask, int length)
    {
        fixed (byte* start = mask)
            _ = SetCore(0, (nuint)length, start);
    }

    // The C library's functions differ in what they return; the system call gives the mask's length.
    private static int GetCore(int thread, nuint bytes, byte* mask) => (int)SystemCall(SystemCallNumber.GetAffinity, thread, (nint)bytes, mask);

    private static int SetCore(int thread, nuint bytes, byte* mask) => (int)SystemCall(SystemCallNumber.SetAffinity, thread, (nint)bytes, mask);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint thread, nint bytes, byte* mask);
}
