namespace Bindwise.Linux.Bpf;

/// <summary>The running kernel's type information (Documentation/bpf/btf.rst).</summary>
internal static class KernelLayout
{
    /// <summary>The largest type information that is read; that of Linux 6.18 has 5.5 MB.</summary>
    internal const int LimitBytes = 64 * 1024 * 1024;

    private static ReadOnlySpan<byte> Path => "/sys/kernel/btf/vmlinux\0"u8;

    /// <returns>Nothing when it cannot be read, or does not have what is sought.</returns>
    internal static T? Read<T>(Func<ReadOnlySpan<byte>, T?> read)
    {
        var errno = MappedFile.Open(Path, LimitBytes, out var file);
        using (file)
            return errno == Errno.None ? read(file.Bytes) : default;
    }
}

/// <summary>
/// Where the running kernel has what a program of ours reads. Looked up once, since a kernel does not change while it runs.
/// </summary>
/// <param name="read">Looks it up in the kernel's type information; null when something is missing.</param>
internal sealed class KernelLayout<T>(Func<ReadOnlySpan<byte>, T?> read)
    where T : class
{
    private T? _known;

    /// <summary>The layout; null when it cannot be told.</summary>
    internal T? Read() => _known ??= KernelLayout.Read(read);

    internal void Know(T layout) => _known ??= layout;
}
