using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Model.Sockets;

namespace Bindwise.Lab.Drawing;

/// <summary>Which tone a TCP state has.</summary>
internal static class StateTones
{
    /// <summary>The tone.</summary>
    public static Tone Of(TcpState state) => state switch
    {
        TcpState.Listen => Tone.Listening,
        TcpState.SynSent or TcpState.SynReceived or TcpState.NewSynReceived => Tone.Opening,
        TcpState.Established => Tone.Open,
        TcpState.TimeWait => Tone.Waiting,
        TcpState.Close or TcpState.Bound => Tone.Dim,
        _ => Tone.Closing,
    };
}
