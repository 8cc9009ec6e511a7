using System.Buffers.Text;

namespace Bindwise.Linux.Proc;

/// <summary>Builds a path below /proc in a caller's buffer, without allocation.</summary>
internal ref struct PathWriter(Span<byte> buffer)
{
    /// <summary>
    /// Room for the longest path below /proc that this program asks for: three numbers of ten digits and the names between.
    /// </summary>
    internal const int SizeBytes = 64;

    private readonly Span<byte> _buffer = buffer;
    private int _length;

    internal PathWriter Append(int number)
    {
        if (!Utf8Formatter.TryFormat(number, _buffer[_length..], out var written))
            throw new ArgumentException("The path does not fit.", nameof(number));
        _length += written;
        return this;
    }

    /// <param name="tid">One of its threads; null for the process.</param>
    internal PathWriter Append(int pid, int? tid)
    {
        var path = Append(pid);
        return tid is { } thread ? path.Append("/task/"u8).Append(thread) : path;
    }

    internal PathWriter Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer[_length..]);
        _length += text.Length;
        return this;
    }

    internal readonly ReadOnlySpan<byte> Terminated()
    {
        _buffer[_length] = 0;
        return _buffer[..(_length + 1)];
    }
}
