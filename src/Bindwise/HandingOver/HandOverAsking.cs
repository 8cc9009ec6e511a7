using System.Buffers.Binary;
using NativeAddress = Bindwise.Linux.Native.SocketAddress;

namespace Bindwise;

/// <summary>The new instance's side: asks whoever serves the path, and tells it when this instance accepts.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HandOverAsking(HandOverChannel channel, HandOverStop stop, int process, HandOverControl control,
    ImmutableArray<ActivatedSocket> sockets) : IDisposable
{
    public HandOverControl Control { get; } = control;

    /// <summary>The listening sockets of the old instance, in its order.</summary>
    public ImmutableArray<ActivatedSocket> Sockets { get; } = sockets;

    /// <summary>The old instance's process, as it says itself.</summary>
    public int Process { get; } = process;

    /// <summary>Asks until there is an answer, nobody to ask, or no patience left. Blocks the thread.</summary>
    /// <exception cref="HandOverException">There is one, and it gave nothing.</exception>
    public static HandOverAsking? Ask(HandOverOptions options, HandOverPatience patience, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return Connect(options.Path!) is { } connection ? Ask(connection, options, patience.AnswerTime, cancellation) : null;
            }
            catch (HandOverException exception) when (patience.MayPass(exception))
            {
                patience.Wait(exception, cancellation);
            }
        }
    }

    /// <summary>Tells the old instance that this one accepts, and which sockets it took, and waits until that accepts no more.</summary>
    public void NotifyReady(IEnumerable<int> taken, TimeSpan limit)
    {
        ushort[] indexes = [.. taken.Select(static index => (ushort)index)];
        _ = channel.Send(HandOverWord.Ready, indexes);
        var news = channel.Read(limit, out var head, out _);
        if (news is HandOverNews.TimedOut or HandOverNews.Stopped)
        {
            // One that was stopped must see that nobody waits when it goes on. What it said before that counts.
            channel.End();
            news = channel.Read(TimeSpan.Zero, out head, out _) == HandOverNews.Message ? HandOverNews.Message : news;
        }
        switch (news)
        {
            case HandOverNews.Message when head.Word == HandOverWord.Released:
            // It has ended, and accepts no more either.
            case HandOverNews.Ended:
                return;
            case HandOverNews.Message when head.Word == HandOverWord.Withdrawn:
                throw new HandOverException(
                    $"The old instance ({channel.PeerName}) has waited too long for this one to be ready, and serves on: start this one "
                        + $"again, or raise {nameof(HandOverOptions.ReadyTimeout)} there.");
            case HandOverNews.Stopped:
                throw new ObjectDisposedException(nameof(ListenerHandOver),
                    "The hand-over was disposed while it waited for the old instance.");
            case HandOverNews.TimedOut:
                throw new HandOverException(
                    $"The old instance ({channel.PeerName}) did not say within {limit.TotalSeconds:0.#} s that it accepts no more: look "
                        + "whether it is stopped, and end it.");
            default:
                throw new HandOverException(
                    $"The old instance ({channel.PeerName}) gave an unexpected answer: end it, and start this one again.");
        }
    }

    /// <summary>Ends the wait for the answer.</summary>
    public void Stop() => stop.Stop();

    public void Dispose()
    {
        channel.Dispose();
        stop.Dispose();
    }

    /// <summary>Connects; null where nobody listens.</summary>
    private static SafeFileDescriptor? Connect(string path)
    {
        Span<byte> room = stackalloc byte[NativeAddress.MaximumUnixBytes];
        var address = UnixName.Write(room, path);
        if (address.IsEmpty)
            throw new ArgumentException(
                $"The hand-over's path is longer than the {UnixName.MaximumBytes} bytes of a UNIX address, or has a NUL in it.");
        var errno = SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeStream, 0, out var connection);
        if (errno == Errno.None)
        {
            // Full is the queue of an instance that does not take from it.
            ReadOnlySpan<long> seconds = [5, 0];
            _ = SocketOptionCall.Set(connection, SocketOptionCall.LevelSocket, SocketOptionCall.SendTimeout,
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(seconds));
            errno = ConnectCall.Connect(connection, address);
            if (errno == Errno.None)
                return connection;
        }
        connection.Dispose();
        return errno switch
        {
            Errno.ENOENT or Errno.ECONNREFUSED => null,
            Errno.EACCES or Errno.EPERM => throw new HandOverException(
                $"This process may not connect to {path} ({errno}), which another user's instance serves: run both as the same user."),
            _ => throw new HandOverException(
                $"Cannot connect to the old instance at {path} ({errno}): look whether it is stopped, and end it."),
        };
    }

    private static HandOverAsking Ask(SafeFileDescriptor connection, HandOverOptions options, TimeSpan limit,
        CancellationToken cancellation)
    {
        HandOverStop? stop = null;
        HandOverAsking? asked = null;
        try
        {
            stop = new HandOverStop();
            var channel = new HandOverChannel(connection, stop, options.Versions);
            using (cancellation.Register(stop.Stop))
                asked = Ask(channel, stop, options, limit, cancellation);
            return asked;
        }
        finally
        {
            if (asked is null)
            {
                connection.Dispose();
                stop?.Dispose();
            }
        }
    }

    private static HandOverAsking Ask(HandOverChannel channel, HandOverStop stop, HandOverOptions options, TimeSpan limit,
        CancellationToken cancellation)
    {
        if (!channel.IsTrusted)
            throw new HandOverException(HandOverFailure.User,
                $"The socket at {options.Path} is that of another user ({channel.Peer.UserId}), who is not root: its sockets are not "
                    + "taken. Name a path in a folder to which only this user may write.");
        // A send that fails is an end, and read as such.
        _ = channel.Ask();
        var received = new List<SafeFileDescriptor>();
        try
        {
            var (offer, _) = Read(channel, HandOverWord.Offer, limit, options, cancellation);
            channel.Agree(offer.Version);
            var process = new byte[sizeof(int)];
            if (channel.ReadBody(process) != HandOverNews.Message)
                throw Closed(channel, options);
            if (offer.Number is 0 or > HandOverHead.MostSockets + 1)
                throw Garbage(channel, $"offers {offer.Number} sockets, which cannot be");
            while (received.Count < offer.Number)
            {
                var (some, descriptors) = Read(channel, HandOverWord.Sockets, limit, options, cancellation);
                received.AddRange(descriptors);
                if (some.Number == 0 || received.Count > offer.Number)
                    throw Garbage(channel, "sent another number of sockets than it said");
            }
            return Open(channel, stop, options.Path!, BinaryPrimitives.ReadInt32LittleEndian(process), received);
        }
        finally
        {
            HandOverChannel.Close(received);
        }
    }

    private static HandOverAsking Open(HandOverChannel channel, HandOverStop stop, string path, int process,
        List<SafeFileDescriptor> received)
    {
        var sockets = ImmutableArray.CreateBuilder<ActivatedSocket>(received.Count - 1);
        var control = HandOverControl.Take(path, received[0]);
        try
        {
            foreach (var one in received.Skip(1))
                sockets.Add(ReceivedSocket.Open(one) ?? throw Garbage(channel, "sent a descriptor that is no listening socket"));
            return new HandOverAsking(channel, stop, process, control, sockets.MoveToImmutable());
        }
        catch
        {
            control.HandOver();
            ActivatedSocket.Close(sockets);
            throw;
        }
    }

    private static (HandOverHead Head, SafeFileDescriptor[] Descriptors) Read(
        HandOverChannel channel, HandOverWord expected, TimeSpan limit, HandOverOptions options, CancellationToken cancellation)
    {
        var news = channel.Read(limit, out var head, out var descriptors);
        switch (news)
        {
            case HandOverNews.Message when head.Word == expected:
                return (head, descriptors);
            case HandOverNews.Message when head.Word == HandOverWord.Refused:
                throw Refused(channel, channel.ReadRefusal(head), options);
            case HandOverNews.Message:
                HandOverChannel.Close(descriptors);
                throw Garbage(channel, "gave an unexpected answer");
            case HandOverNews.Ended:
                throw Closed(channel, options);
            case HandOverNews.Stopped:
                throw new OperationCanceledException(cancellation);
            default:
                throw new HandOverException(HandOverFailure.TooLate,
                    $"The old instance ({channel.PeerName}) at {options.Path} gave no sockets within "
                        + $"{options.WaitTimeout.TotalSeconds:0.#} s: another hand-over is under way, or it has not finished its own "
                        + $"start, or it is stopped. Start this one again later, or raise {nameof(HandOverOptions.WaitTimeout)}.");
        }
    }

    private static HandOverException Garbage(HandOverChannel channel, string fault) =>
        new(HandOverFailure.Garbage, $"The old instance ({channel.PeerName}) {fault}: nothing was handed over.");

    private static HandOverException Closed(HandOverChannel channel, HandOverOptions options) => new(HandOverFailure.Closed,
        $"{channel.PeerNameFirst} at {options.Path} closed the connection without an answer: it is no instance of this program, or of a "
            + "release that does not understand this one and says so in its own log. Look there, or end it.")
    { Process = channel.Peer.ProcessId };

    private static HandOverException Refused(HandOverChannel channel, HandOverRefusal refusal, HandOverOptions options) =>
        new(refusal.Failure, $"The old instance ({channel.PeerName}) at {options.Path} " + refusal.Failure switch
        {
            HandOverFailure.User => "refuses this one, which is neither its user nor root: run both as the same user.",
            HandOverFailure.Version =>
                $"refused: {refusal.Text}. The two releases cannot hand over to each other: stop the old one, and this one binds.",
            _ => $"refused: {refusal.Text}.",
        });
}
