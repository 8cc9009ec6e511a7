using System.Diagnostics;

namespace Bindwise.Linux.Containers;

/// <summary>
/// Asks a container engine over its UNIX socket: one GET, HTTP/1.0, so that the answer ends with the connection and is not chunked (RFC
/// 1945). The time is bounded as a whole and the size too: whoever listens there may be anybody.
/// </summary>
internal static class EngineClient
{
    /// <summary>A larger answer is refused: some ten thousand containers.</summary>
    internal const int MaximumBytes = 16 * 1024 * 1024;

    private const int FirstBytes = 64 * 1024;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMilliseconds(1500);

    /// <param name="resource">What is asked for, as <c>/containers/json</c>.</param>
    internal static EngineAnswer Get(string socketPath, string resource)
    {
        var clock = Stopwatch.StartNew();
        Span<byte> room = stackalloc byte[SocketAddress.MaximumUnixBytes];
        var address = SocketAddress.WritePath(room, Encoding.UTF8.GetBytes(socketPath));
        if (address.IsEmpty)
            return default;
        var errno = SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeStream, 0, out var socket);
        using (socket)
        {
            if (errno != Errno.None)
                return new EngineAnswer(null, errno.ToString());
            Bound(socket, SocketOptionCall.SendTimeout, TimeLimit);
            errno = ConnectCall.Connect(socket, address);
            if (errno is Errno.ENOENT or Errno.ECONNREFUSED or Errno.ENOTDIR)
                return default;
            if (errno == Errno.None)
                errno = SendCall.Send(socket,
                    Encoding.ASCII.GetBytes($"GET {resource} HTTP/1.0\r\nHost: localhost\r\nAccept: application/json\r\n\r\n"), []);
            return errno != Errno.None ? new EngineAnswer(null, errno.ToString()) : Receive(socket, clock);
        }
    }

    private static EngineAnswer Receive(SafeFileDescriptor socket, Stopwatch clock)
    {
        var buffer = new byte[FirstBytes];
        var length = 0;
        while (true)
        {
            var left = TimeLimit - clock.Elapsed;
            if (left <= TimeSpan.Zero)
                return new EngineAnswer(null, "no answer in time");
            Bound(socket, SocketOptionCall.ReceiveTimeout, left);
            var errno = ReceiveCall.Receive(socket, buffer.AsSpan(length), waits: true, out var more);
            if (errno == Errno.EAGAIN)
                return new EngineAnswer(null, "no answer in time");
            if (errno != Errno.None)
                return new EngineAnswer(null, errno.ToString());
            if (more == 0)
                return BodyOf(buffer.AsSpan(0, length));
            length += more;
            if (length < buffer.Length)
                continue;
            if (length >= MaximumBytes)
                return new EngineAnswer(null, "the answer is too long");
            Array.Resize(ref buffer, Math.Min(buffer.Length * 4, MaximumBytes));
        }
    }

    /// <summary>The body of an answer with status 200.</summary>
    internal static EngineAnswer BodyOf(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        // HTTP/1.0 200 OK
        if (end < 0 || !answer.StartsWith("HTTP/1."u8) || answer.Length < 12)
            return new EngineAnswer(null, "no HTTP answer");
        var status = answer[9..12];
        return status.SequenceEqual("200"u8)
            ? new EngineAnswer(answer[(end + 4)..].ToArray(), null)
            : new EngineAnswer(null, status.ContainsAnyExceptInRange((byte)'0', (byte)'9') ? "no HTTP answer"
                : "HTTP status " + Encoding.ASCII.GetString(status));
    }

    private static void Bound(SafeFileDescriptor socket, int option, TimeSpan time)
    {
        var value = new TimeValue
        {
            Seconds = (long)time.TotalSeconds,
            Microseconds = Math.Max(1, time.Microseconds + (time.Milliseconds * 1000L))
        };
        _ = SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, option,
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<TimeValue>(ref value)));
    }
}

/// <param name="Fault">Why there is none; null when nothing listens there: that is no fault.</param>
internal readonly record struct EngineAnswer(byte[]? Body, string? Fault);
