using System.Buffers.Binary;

namespace Bindwise;

/// <summary>What came of a wait for a message.</summary>
internal enum HandOverNews
{
    Message,
    Ended,
    TimedOut,

    /// <summary>This end was told to stop.</summary>
    Stopped,
}

/// <summary>The connection between two instances. Every wait has a limit, and ends when this end is told to stop. For one thread.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HandOverChannel(SafeFileDescriptor connection, HandOverStop stop, HandOverVersions versions) : IDisposable
{
    /// <summary>How long one message may take from its first byte on, and how long a peer may leave what it is sent unread.</summary>
    private static readonly TimeSpan MessageTime = TimeSpan.FromSeconds(5);

    /// <summary>As many as one message carries: peers of every version take so many.</summary>
    private const int MostDescriptors = 64;

    private const uint NoUser = uint.MaxValue;

    private HandOverVersions _understood = versions;

    /// <summary>
    /// The process at the other end (0 where its PID namespace is not within this one's), and its user: of the connecting end when it
    /// connected, of the listening end when it called listen().
    /// </summary>
    public PeerCredentials Peer { get; } = ReadPeer(connection);

    /// <summary>The connection, for poll().</summary>
    public int Number => connection.Number;

    /// <summary>Whether the other end is the same user, or root.</summary>
    public bool IsTrusted => Peer.UserId == 0 || (Peer.UserId == EffectiveIds.User() && Peer.UserId != NoUser);

    public string PeerName => Peer.ProcessId > 0 ? string.Create(CultureInfo.InvariantCulture, $"process {Peer.ProcessId}")
        : "a process of another PID namespace";

    /// <summary>The same at the beginning of a sentence.</summary>
    public string PeerNameFirst => string.Concat(PeerName[..1].ToUpperInvariant(), PeerName.AsSpan(1));

    /// <summary>From now on both speak this version, and no other.</summary>
    public void Agree(byte version) => _understood = new HandOverVersions(version, version);

    public bool Ask()
    {
        Span<byte> bytes = stackalloc byte[HandOverHead.SizeBytes];
        new HandOverQuestion(_understood, HandOverCapabilities.Reasons).Head.Write(bytes);
        return DescriptorMessage.Send(connection, bytes, []) == Errno.None;
    }

    /// <summary>Refuses whoever asked, in the words that it understands.</summary>
    public void Refuse(HandOverRefusal refusal, HandOverQuestion? question)
    {
        if (question is { } asked && refusal.Failure is not (HandOverFailure.Version or HandOverFailure.User)
            && !asked.Capabilities.HasFlag(HandOverCapabilities.Reasons))
        {
            // The release 0.1 takes every refusal for that of another user. After this it ends too, and says nothing wrong.
            _ = Send(HandOverWord.Withdrawn);
            return;
        }
        var body = refusal.ToBytes();
        var bytes = new byte[HandOverHead.SizeBytes + body.Length];
        // The release 0.1 compares the version first: of one that is not its own it says what both are, and ends.
        var version = question is { } other && other.Versions.Lowest > _understood.Newest ? _understood.Newest : _understood.Lowest;
        new HandOverHead(version, HandOverWord.Refused, (ushort)body.Length).Write(bytes);
        body.CopyTo(bytes, HandOverHead.SizeBytes);
        _ = DescriptorMessage.Send(connection, bytes, []);
    }

    /// <summary>Reads why this end was refused.</summary>
    public HandOverRefusal ReadRefusal(HandOverHead head)
    {
        if (head.Number > HandOverRefusal.MostBytes)
            throw Fault(HandOverFailure.Garbage, $"sent a refusal of {head.Number} bytes, which cannot be");
        var body = new byte[head.Number];
        return ReadBody(body) == HandOverNews.Message ? HandOverRefusal.Of(body)
            : throw Fault(HandOverFailure.Garbage, "sent half a refusal");
    }

    /// <returns>False when the other end is gone, or does not read.</returns>
    public bool Send(HandOverWord word, ReadOnlySpan<ushort> numbers = default)
    {
        var bytes = new byte[HandOverHead.SizeBytes + numbers.Length * sizeof(ushort)];
        new HandOverHead(_understood.Newest, word, (ushort)numbers.Length).Write(bytes);
        for (var index = 0; index < numbers.Length; index++)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(HandOverHead.SizeBytes + index * sizeof(ushort)), numbers[index]);
        return DescriptorMessage.Send(connection, bytes, []) == Errno.None;
    }

    /// <summary>Offers descriptors, in as many messages as they need.</summary>
    public bool SendOffer(ReadOnlySpan<int> descriptors)
    {
        Span<byte> offer = stackalloc byte[HandOverHead.SizeBytes + sizeof(int)];
        new HandOverHead(_understood.Newest, HandOverWord.Offer, (ushort)descriptors.Length).Write(offer);
        BinaryPrimitives.WriteInt32LittleEndian(offer[HandOverHead.SizeBytes..], Environment.ProcessId);
        if (DescriptorMessage.Send(connection, offer, []) != Errno.None)
            return false;
        Span<byte> head = stackalloc byte[HandOverHead.SizeBytes];
        while (!descriptors.IsEmpty)
        {
            var some = descriptors[..Math.Min(descriptors.Length, MostDescriptors)];
            new HandOverHead(_understood.Newest, HandOverWord.Sockets, (ushort)some.Length).Write(head);
            if (DescriptorMessage.Send(connection, head, some) != Errno.None)
                return false;
            descriptors = descriptors[some.Length..];
        }
        return true;
    }

    /// <param name="limit">How long until its first byte.</param>
    /// <param name="head">Its head.</param>
    /// <param name="descriptors">What came with a message of sockets; the caller owns them.</param>
    /// <param name="whole">How long from its first byte on; null for <see cref="MessageTime"/>.</param>
    /// <exception cref="HandOverException">What came is no message, or has descriptors that it must not have; those are closed.</exception>
    public HandOverNews Read(TimeSpan limit, out HandOverHead head, out SafeFileDescriptor[] descriptors, TimeSpan? whole = null)
    {
        head = default;
        Span<byte> bytes = stackalloc byte[HandOverHead.SizeBytes];
        var news = Fill(bytes, limit, whole ?? MessageTime, out descriptors);
        if (news != HandOverNews.Message)
            return news;
        head = HandOverHead.Read(bytes, _understood, out var failure, out var fault);
        if (fault is null && descriptors.Length != (head.Word == HandOverWord.Sockets ? head.Number : 0))
            (failure, fault) = (HandOverFailure.Garbage, "sent other descriptors than it said");
        if (fault is null)
            return HandOverNews.Message;
        Close(descriptors);
        throw Fault(failure, fault);
    }

    public HandOverNews ReadBody(Span<byte> body)
    {
        if (body.IsEmpty)
            return HandOverNews.Message;
        var news = Fill(body, MessageTime, MessageTime, out var descriptors);
        if (descriptors.Length == 0)
            return news;
        Close(descriptors);
        throw Fault(HandOverFailure.Garbage, "sent other descriptors than it said");
    }

    private HandOverException Fault(HandOverFailure failure, string what) =>
        new(failure, $"{PeerNameFirst} {what}: nothing was handed over.");

    /// <summary>Whether the other end has ended the connection, whatever of it is still to be read.</summary>
    public bool IsEnded => PollCall.WaitUntilReaderLeft(connection.Number, TimeSpan.Zero);

    /// <summary>Ends it for both: what the other end has said can still be read, and it can say nothing more.</summary>
    public void End() => _ = ShutdownCall.Shutdown(connection, ShutdownCall.Both);

    public void Dispose() => connection.Dispose();

    public static void Close(IEnumerable<SafeFileDescriptor> descriptors)
    {
        foreach (var one in descriptors)
            one.Dispose();
    }

    private HandOverNews Fill(Span<byte> bytes, TimeSpan limit, TimeSpan whole, out SafeFileDescriptor[] descriptors)
    {
        descriptors = [];
        var all = new List<SafeFileDescriptor>();
        var began = Stopwatch.GetTimestamp();
        var isWhole = false;
        try
        {
            for (var got = 0; got < bytes.Length;)
            {
                if (stop.Wait(connection, HandOverStop.Left(limit, began)) is var news and not HandOverNews.Message)
                    return got > 0 && news == HandOverNews.TimedOut ? HandOverNews.Ended : news;
                var errno = DescriptorMessage.Receive(connection, bytes[got..], out var length, out var some, out var isCut);
                all.AddRange(some);
                if (isCut || all.Count > MostDescriptors)
                    throw Fault(HandOverFailure.Garbage, $"sent more descriptors than this process takes at once "
                        + $"({MostDescriptors}), or than it may have open");
                if (errno is Errno.EAGAIN or Errno.EINTR)
                    continue;
                if (errno != Errno.None || length == 0)
                    return HandOverNews.Ended;
                if (got == 0)
                    (began, limit) = (Stopwatch.GetTimestamp(), whole);
                got += length;
            }
            isWhole = true;
            descriptors = [.. all];
            return HandOverNews.Message;
        }
        finally
        {
            if (!isWhole)
                Close(all);
        }
    }

    private static PeerCredentials ReadPeer(SafeFileDescriptor connection)
    {
        // Neither call of a peer that stands still lasts longer.
        Span<long> seconds = [(long)MessageTime.TotalSeconds, 0];
        var time = System.Runtime.InteropServices.MemoryMarshal.AsBytes(seconds);
        _ = SocketOptionCall.Set(connection, SocketOptionCall.LevelSocket, SocketOptionCall.SendTimeout, time);
        _ = SocketOptionCall.Set(connection, SocketOptionCall.LevelSocket, SocketOptionCall.ReceiveTimeout, time);
        return SocketOptionCall.Get(connection, SocketOptionCall.LevelSocket, SocketOptionCall.PeerCredentials,
            out PeerCredentials peer) == Errno.None ? peer : new PeerCredentials { UserId = NoUser };
    }
}

/// <summary>Ends the waits of another thread. Thread-safe.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HandOverStop : IDisposable
{
    private readonly SafeFileDescriptor _stopReader;
    private readonly SafeFileDescriptor _stopWriter;

    public HandOverStop()
    {
        var errno = SocketPairCall.Open(out _stopReader, out _stopWriter);
        if (errno != Errno.None)
            throw new HandOverException(
                $"A hand-over needs free descriptors, and socketpair() failed ({errno}): raise the limit (ulimit -n).");
    }

    /// <summary>Ends every wait, from now on.</summary>
    public void Stop() => _stopWriter.Dispose();

    public HandOverNews Wait(TimeSpan time) => Wait(_stopReader, time);

    public HandOverNews Wait(SafeFileDescriptor descriptor, TimeSpan time) => Wait([descriptor.Number], time, out _);

    /// <summary>Waits for any of them; bit n of what happened is for the one at n.</summary>
    public HandOverNews Wait(ReadOnlySpan<int> descriptors, TimeSpan time, out ulong happened)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var left = Left(time, began);
            var isAny = PollCall.WaitUntilAnyReadable([_stopReader.Number, .. descriptors], left, out happened);
            var isStopped = (happened & 1) != 0;
            happened >>= 1;
            if (isAny)
                return isStopped ? HandOverNews.Stopped : HandOverNews.Message;
            if (left == TimeSpan.Zero)
                return HandOverNews.TimedOut;
        }
    }

    /// <summary>What is left of a time: never less than zero, since -1 ms stands for without end.</summary>
    public static TimeSpan Left(TimeSpan time, long began)
    {
        if (time == Timeout.InfiniteTimeSpan)
            return time;
        var left = time - Stopwatch.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public void Dispose()
    {
        _stopWriter.Dispose();
        _stopReader.Dispose();
    }
}
