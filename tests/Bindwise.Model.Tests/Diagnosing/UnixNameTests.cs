using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>Who is in the way at an abstract UNIX name.</summary>
public class UnixNameTests
{
    private const byte Stream = HeldSocket.UnixStream, Datagram = HeldSocket.UnixDatagram, Packets = HeldSocket.UnixSequencedPackets;
    private static readonly Target Name = new() { Text = "@app", Protocol = Protocol.Unix, Path = "@app" };

    [Theory]
    [InlineData(Stream, TcpSocketState.Listen, 0, true)]
    [InlineData(Stream, TcpSocketState.Listen, Stream, true)]
    [InlineData(Stream, TcpSocketState.Listen, Datagram, false)]
    [InlineData(Stream, TcpSocketState.Listen, Packets, false)]
    [InlineData(Stream, TcpSocketState.Established, Stream, false)] // an accepted connection
    [InlineData(Datagram, TcpSocketState.Close, Datagram, true)]
    [InlineData(Datagram, TcpSocketState.Established, Datagram, true)] // a client has connected
    [InlineData(Datagram, TcpSocketState.Close, 0, false)]
    [InlineData(Packets, TcpSocketState.Listen, Packets, true)]
    [InlineData(0, TcpSocketState.Listen, Datagram, true)] // its type is not known
    public void AbstractName_IsTakenByASocketOfTheSameType(byte held, TcpSocketState state, byte asked, bool isTaken)
    {
        var socket = new HeldSocket { Protocol = Protocol.Unix, State = state, Path = "@app", SocketType = held, Inode = 5 };
        var host = (With() with { Sockets = [socket] }).HeldBy(Process(5, "srv"));

        var answer = Diagnoser.Diagnose(Name, new ProgramOptions { UnixType = asked }, host);

        Assert.Equal(isTaken ? Verdict.Blocked : Verdict.Free, answer.Verdict);
    }

    [Theory]
    [InlineData(0, "stream", "a datagram socket, which does not block a stream socket")]
    [InlineData(Packets, "seqpacket", "a datagram socket, which does not block a seqpacket socket")]
    public void AbstractName_OfAnotherType_IsToldWithBothTypes(byte asked, string type, string note)
    {
        var socket = new HeldSocket { Protocol = Protocol.Unix, State = TcpSocketState.Close, Path = "@app", SocketType = Datagram, Inode = 5 };
        var host = (With() with { Sockets = [socket] }).HeldBy(Process(5, "srv"));

        var answer = Diagnoser.Diagnose(Name, new ProgramOptions { UnixType = asked }, host);

        Assert.Equal($"@app is free: no {type} socket has that name.", answer.Summary);
        Assert.Contains(answer.Warnings, one => one.Text.Contains(note, StringComparison.Ordinal));
    }
}
