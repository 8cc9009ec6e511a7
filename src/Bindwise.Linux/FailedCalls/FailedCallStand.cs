namespace Bindwise.Linux.FailedCalls;

/// <summary>Where a tap stands: its programs in the kernel, and what ties them there. All ends with it, or with this process.</summary>
internal sealed class FailedCallStand : IDisposable
{
    private readonly List<SafeFileDescriptor> _programs = [];
    private readonly List<SafeFileDescriptor> _links = [];

    private FailedCallStand(bool isOnFunctions) => IsOnFunctions = isOnFunctions;

    /// <summary>On the kernel's functions; else at the end of all system calls.</summary>
    internal bool IsOnFunctions { get; }

    internal IReadOnlyList<SafeFileDescriptor> Programs => _programs;

    /// <summary>Takes it; null when the kernel refuses.</summary>
    internal static FailedCallStand? TryTake(FailedCallLayout layout, FailedCallReader reader) =>
        TryOnFunctions(layout, reader) ?? TryOnSystemCalls(layout, reader);

    /// <summary>At which address the kernel has the inode of this program's file; 0 where it does not tell.</summary>
    internal static ulong FindOwnInode(FailedCallLayout layout) =>
        HalfOfOwnInode(layout, isUpperHalf: true) is { } upper && HalfOfOwnInode(layout, isUpperHalf: false) is { } lower
            ? ((ulong)upper << 32) | lower : 0;

    public void Dispose()
    {
        _links.ForEach(static one => one.Dispose());
        _programs.ForEach(static one => one.Dispose());
    }

    /// <summary>All of the functions, or none: a call that is seen in one way must not be seen in another too.</summary>
    private static FailedCallStand? TryOnFunctions(FailedCallLayout layout, FailedCallReader reader)
    {
        if (FailedCallFunction.OfThisKernel() is not { } functions)
            return null;
        var stand = new FailedCallStand(isOnFunctions: true);
        foreach (var function in functions)
        {
            var errno = BpfCall.LoadFunctionEnd(FailedCallProgram.OfFunction(function, layout, reader), function.Id, out var program);
            stand._programs.Add(program);
            if (errno == Errno.None)
            {
                errno = BpfCall.AttachToFunction(program, out var link);
                stand._links.Add(link);
            }
            if (errno == Errno.None)
                continue;
            stand.Dispose();
            return null;
        }
        return stand;
    }

    private static FailedCallStand? TryOnSystemCalls(FailedCallLayout layout, FailedCallReader reader)
    {
        var stand = new FailedCallStand(isOnFunctions: false);
        var errno = BpfCall.LoadTracepoint(FailedCallProgram.OfSystemCalls(layout, reader), out var program);
        stand._programs.Add(program);
        if (errno == Errno.None)
        {
            errno = BpfCall.OpenTracepoint("sys_exit\0"u8, program, out var link);
            stand._links.Add(link);
        }
        if (errno == Errno.None)
            return stand;
        stand.Dispose();
        return null;
    }

    private static uint? HalfOfOwnInode(FailedCallLayout layout, bool isUpperHalf)
    {
        var errno = BpfCall.LoadTracepoint(FailedCallProgram.OfOwnInode(layout, isUpperHalf), out var program);
        using (program)
            return errno == Errno.None && BpfCall.RunTracepoint(program, out var half) == Errno.None ? half : null;
    }
}
