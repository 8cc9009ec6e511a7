using Bindwise.Linux.Files;

namespace Bindwise.Supervising;

/// <summary>
/// A stream that others have open too, as the program's standard output: who does not read it holds nobody up here for longer than a
/// moment. O_NONBLOCK belongs to the open file, and so to the others as well: where that can be, the stream is opened once more.
/// </summary>
internal sealed class SharedStream : IDisposable
{
    /// <summary>How often it is waited for that it takes something.</summary>
    private const int Patience = 20;
    private const int TryMilliseconds = 10;

    // PIPE_BUF: a pipe that can be written takes so much at once (pipe(7)).
    private const int MostAtOnce = 4096;

    private readonly SafeFileDescriptor _stream;
    private readonly SafeFileDescriptor? _own;
    private readonly int _most = int.MaxValue;

    /// <param name="stream">Open as long as this one is used, and not closed by it.</param>
    internal SharedStream(SafeFileDescriptor stream)
    {
        _stream = stream;
        var kind = FileStatusCall.Fstat(stream, out var status) == Errno.None ? status.Kind : 0;
        // A file waits for nobody, and what is written there at once stays together.
        if (kind == FileStatus.KindFile)
            return;
        var path = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{stream.Number}\0"));
        if (kind is FileStatus.KindPipe or FileStatus.KindCharacterDevice && FileFlagsCall.IsWritable(stream)
            && AppendingFile.Open(OpenAt.WorkingDirectory, path, followsLink: true, out var own) == Errno.None)
            _own = own;
        else
            _most = MostAtOnce;
    }

    /// <param name="isPatient">It is waited for; false: it is only looked whether it takes something.</param>
    /// <returns>What it has not taken; nothing where it fails, as nobody reads it any more.</returns>
    internal ReadOnlySpan<byte> Write(ReadOnlySpan<byte> bytes, bool isPatient = true)
    {
        var most = isPatient ? Patience : 0;
        for (var tries = most; !bytes.IsEmpty && tries >= 0;)
        {
            if (!PollCall.CanWrite(_own ?? _stream, tries > 0 ? TryMilliseconds : 0))
            {
                tries--;
                continue;
            }
            var errno = ReadWriteCall.Write((_own ?? _stream).Number, bytes[..Math.Min(bytes.Length, _most)], out var length);
            if (errno is not (Errno.None or Errno.EAGAIN))
                return [];
            tries = length > 0 ? most : tries - 1;
            bytes = bytes[length..];
        }
        return bytes;
    }

    public void Dispose() => _own?.Dispose();
}

/// <summary>
/// A file to which lines are appended, each whole, for as long as somebody takes them: what it does not take within a moment is lost.
/// </summary>
internal sealed class LineFile(SharedStream file)
{
    private byte[] _rest = [];
    private bool _isFull;

    /// <param name="path">The path; <c>-</c>: the standard output that the supervisor was started with.</param>
    /// <param name="fault">Why it cannot be written, one clause; null when it can.</param>
    public static LineFile? Open(string path, out string? fault, int output = SupervisorProcess.Output)
    {
        fault = null;
        if (path == "-")
            return new LineFile(new SharedStream(new SafeFileDescriptor(output)));
        return AppendedFile.Open(path, out fault) is { } file ? new LineFile(new SharedStream(file)) : null;
    }

    /// <summary>
    /// Writes it, after the rest of one that was begun. Who did not take something in time is not waited for again until he does.
    /// </summary>
    public void Write(ReadOnlySpan<byte> line)
    {
        _rest = file.Write(_rest, isPatient: !_isFull).ToArray();
        var left = _rest.Length == 0 ? file.Write(line, isPatient: !_isFull) : line;
        _isFull = !left.IsEmpty;
        if (left.Length < line.Length)
            _rest = left.ToArray();
    }
}
