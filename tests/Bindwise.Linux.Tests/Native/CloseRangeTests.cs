using Bindwise.Linux.Native;
using Bindwise.Linux.Tests.Processes;

namespace Bindwise.Linux.Tests.Native;

public sealed class CloseRangeTests
{
    [LinuxFact]
    public void CloseFromOnExec_ChangesTheTableOfItsThreadAlone() => ChangesTheTableOfItsThreadAlone(CloseRange.CloseFromOnExec);

    [LinuxFact]
    public void CloseEachOnExec_ChangesTheTableOfItsThreadAlone() => ChangesTheTableOfItsThreadAlone(CloseRange.CloseEachOnExec);

    private static void ChangesTheTableOfItsThreadAlone(Func<int, Errno> closeFrom)
    {
        using var low = Open(leastNumber: 500);
        using var high = Open(low.Number + 1);
        var (lowIsClosed, highIsClosed) = (true, false);

        Assert.True(IsolatedThread.TryRun("table", () =>
        {
            Assert.Equal(Errno.None, closeFrom(high.Number));
            (lowIsClosed, highIsClosed) = (IsCloseOnExec(low), IsCloseOnExec(high));
        }));

        Assert.False(lowIsClosed);
        Assert.True(highIsClosed);
        Assert.False(IsCloseOnExec(high));
    }

    /// <summary>A descriptor that an exec keeps.</summary>
    private static SafeFileDescriptor Open(int leastNumber)
    {
        Assert.Equal(Errno.None, OpenAt.Open(OpenAt.WorkingDirectory, "/dev/null\0"u8, out var number));
        using var file = new SafeFileDescriptor(number);
        Assert.Equal(Errno.None, DuplicateDescriptor.Copy(file, leastNumber, out var moved));
        using (moved)
        {
            Assert.Equal(Errno.None, DuplicateDescriptor.Copy(file, leastNumber, out var kept));
            // dup2() clears close-on-exec.
            Assert.Equal(Errno.None, DuplicateDescriptor.CopyTo(moved, kept.Number));
            return kept;
        }
    }

    private static bool IsCloseOnExec(SafeFileDescriptor descriptor) =>
        File.ReadLines($"/proc/thread-self/fdinfo/{descriptor.Number}").Any(static line => line.StartsWith("flags:", StringComparison.Ordinal) && (Convert.ToInt64(line[6..].Trim(), 8) & 0x80000) != 0);
}
