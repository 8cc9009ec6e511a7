using Bindwise.Model.Scenarios.Recording;
using static Bindwise.Lab.Tests.Drawing.RecordMaker;
using static Bindwise.Model.Scenarios.Recording.TcpFlags;
using Record = Bindwise.Lab.Recording.Record;

namespace Bindwise.Lab.Tests.Drawing;

/// <summary>The records that are drawn in tests and looked at.</summary>
internal static class KnownRecords
{
    private static readonly IpEndpoint Server = At(8080);
    private static readonly IpEndpoint Client = At(40712);

    public static Record PlainClose => Close(Opened("close-fins")).Make();

    /// <summary>The server closes first; its restart fails, waits and succeeds.</summary>
    public static Record Restart => Close(Opened("restart-over-time-wait"))
        .State("old", Server, null, null).Step("close old")
        .Step("new = tcp reuseaddr 127.0.0.1:8080", "EADDRINUSE", "BW005", "conn by TIME_WAIT")
        .Wait(60).State("conn", Server, Client, null)
        .Wait(6).Step("wait 66s")
        .State("new", Server, null, TcpSocketState.Listen).Step("new = tcp reuseaddr 127.0.0.1:8080 listen")
        .Make();

    public static Record SimultaneousClose => Opened("close-simultaneous")
        .Step("hold conn").Step("hold peer")
        .State("conn", Server, Client, TcpSocketState.FinWait1).Segment(Server, Client, Fin | Ack, 1, 1, fate: SegmentFate.Held).Step("close conn")
        .State("peer", Client, Server, TcpSocketState.FinWait1).Segment(Client, Server, Fin | Ack, 1, 1, fate: SegmentFate.Held).Step("close peer")
        .Segment(Client, Server, Fin | Ack, 1, 1, fate: SegmentFate.Released).State("conn", Server, Client, TcpSocketState.Closing)
        .Segment(Server, Client, Ack, 2, 2, fate: SegmentFate.Held).Step("release conn")
        .Segment(Server, Client, Fin | Ack, 1, 1, fate: SegmentFate.Released).State("peer", Client, Server, TcpSocketState.Closing)
        .Segment(Server, Client, Ack, 2, 2, fate: SegmentFate.Released).State("peer", Client, Server, TcpSocketState.TimeWait, 60)
        .Segment(Client, Server, Ack, 2, 2).State("conn", Server, Client, TcpSocketState.TimeWait, 60).Step("release peer")
        .Step("state conn", "TIME_WAIT").Step("state peer", "TIME_WAIT")
        .Make(isKernel: true, "states by the tracepoint sock:inet_sock_set_state, segments by a packet socket");

    /// <summary>A server that tries every half second, on real time.</summary>
    public static Record Meter
    {
        get
        {
            var maker = Close(Opened("time-wait-meter", 0.0002)).State("old", Server, null, null).Step("close old").Wait(0.0004);
            maker.Step("bind new 127.0.0.1:8080", "EADDRINUSE", "BW005", "conn by TIME_WAIT");
            for (var half = 1; half <= 121; half++)
            {
                maker.Wait(0.5);
                maker.Left(Server, Client, Math.Max(0, 61.3 - (half / 2.0))).Again("EADDRINUSE");
            }
            return maker.Wait(0.5).State("conn", Server, Client, null).Again("ok").Make(isKernel: true, "states by polling, segments by a packet socket");
        }
    }

    /// <summary>Nothing is connected: calls alone.</summary>
    public static Record CallsAlone => new RecordMaker("wildcard and specific")
        .Step("a = tcp reuseaddr 0.0.0.0:8080")
        .State("a", At(8080, 0), null, TcpSocketState.Listen).Step("listen a")
        .Step("b = tcp reuseaddr 127.0.0.1:8080", "EADDRINUSE", "BW004", "a")
        .Step("sysctl net.ipv4.tcp_tw_reuse = 1")
        .Make();

    private static RecordMaker Opened(string name, double pause = 0) => new RecordMaker(name)
        .State("old", Server, null, TcpSocketState.Listen).Step("old = tcp 127.0.0.1:8080 listen").Wait(pause)
        .State("peer", Client, Server, TcpSocketState.SynSent).Segment(Client, Server, Syn, 0)
        .State(null, Server, Client, TcpSocketState.NewSynReceived).Segment(Server, Client, Syn | Ack, 0, 1)
        .State("peer", Client, Server, TcpSocketState.Established).Segment(Client, Server, Ack, 1, 1)
        .State(null, Server, Client, TcpSocketState.Established).Step("peer = connect old").Wait(pause)
        .Step("conn = accept old").Wait(pause);

    private static RecordMaker Close(RecordMaker maker) => maker
        .State("conn", Server, Client, TcpSocketState.FinWait1).Segment(Server, Client, Fin | Ack, 1, 1)
        .State("peer", Client, Server, TcpSocketState.CloseWait).Segment(Client, Server, Ack, 1, 2)
        .State("conn", Server, Client, TcpSocketState.FinWait2).Step("close conn")
        .State("peer", Client, Server, TcpSocketState.LastAck).Segment(Client, Server, Fin | Ack, 1, 2)
        .State("conn", Server, Client, TcpSocketState.TimeWait, 60).Segment(Server, Client, Ack, 2, 2)
        .State("peer", Client, Server, null).Step("close peer");
}
