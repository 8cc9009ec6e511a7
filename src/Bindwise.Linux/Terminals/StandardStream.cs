using System.Runtime.InteropServices;

namespace Bindwise.Linux.Terminals;

/// <summary>
/// Standard input, output or error by plain system calls. System.Console's streams set the terminal up first, which writes escape codes
/// into it, and hide that a pipe's reader went away.
/// </summary>
/// <remarks>A failed call is an <see cref="IOException"/> whose HResult is the errno, as EPIPE (32) or ENOSPC (28).</remarks>
internal sealed class StandardStream : Stream
{
    private readonly int _descriptor;

    private StandardStream(int descriptor) => this._descriptor = descriptor;

    /// <summary>Standard input, descriptor 0.</summary>
    public static StandardStream Input => new(0);

    /// <summary>Standard output, descriptor 1.</summary>
    public static StandardStream Output => new(1);

    /// <summary>Standard error, descriptor 2.</summary>
    public static StandardStream Error => new(2);

    public override bool CanRead => _descriptor == 0;
    public override bool CanWrite => _descriptor != 0;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        Errno errno;
        int length;
        // Whoever started us may have made the shared file description non-blocking.
        while ((errno = ReadWriteCall.Read(_descriptor, buffer, out length)) == Errno.EAGAIN)
            PollCall.WaitUntilReadable(_descriptor);
        return errno == Errno.None ? length : throw Fault(errno);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var errno = ReadWriteCall.Write(_descriptor, buffer, out var length);
            if (errno == Errno.EAGAIN)
                PollCall.WaitUntilWritable(_descriptor);
            else if (errno != Errno.None)
                throw Fault(errno);
            buffer = buffer[length..];
        }
    }

    /// <summary>Nothing: no byte is kept back.</summary>
    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static IOException Fault(Errno errno) => new(Marshal.GetPInvokeErrorMessage((int)errno), (int)errno);
}

/// <summary>Descriptors 0, 1 and 2, which a caller may have closed.</summary>
internal static class StandardDescriptors
{
    private const int Last = 2;

    /// <summary>
    /// Occupies those that are closed, read-only, so that writing into them still fails. Else the next socket or pipe would get such a
    /// number, and answers would be written into it: into the runtime's own signal pipe, for one, whose reader raises them.
    /// </summary>
    public static void Occupy()
    {
        while (OpenAt.Open(OpenAt.WorkingDirectory, "/dev/null\0"u8, out var descriptor) == Errno.None)
        {
            if (descriptor <= Last)
                continue;
            CloseDescriptor.Close(descriptor);
            return;
        }
    }
}

/// <summary>
/// How wide the terminal is. Not asked of System.Console, which writes the terminal's initialisation sequence into the output first.
/// </summary>
internal static class TerminalWidth
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    /// <summary>The columns of the terminal at standard output; null when there is none, or it does not know.</summary>
    public static int? OfStandardOutput() => WindowSizeCall.Columns(StandardOutput) is > 0 and var columns ? columns : null;

    /// <summary>The columns of the terminal at standard error; null when there is none, or it does not know.</summary>
    public static int? OfStandardError() => WindowSizeCall.Columns(StandardError) is > 0 and var columns ? columns : null;
}
