using System.Text;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Lab.Drawing.Sequences;

/// <summary>A segment in a few words: <c>FIN ACK seq 6 ack 1</c>.</summary>
internal static class SegmentText
{
    /// <summary>The words.</summary>
    public static string Of(SegmentEvent segment)
    {
        var text = new StringBuilder();
        Append(text, segment.Flags, TcpFlags.Syn, "SYN");
        Append(text, segment.Flags, TcpFlags.Fin, "FIN");
        Append(text, segment.Flags, TcpFlags.Reset, "RST");
        Append(text, segment.Flags, TcpFlags.Push, "PSH");
        Append(text, segment.Flags, TcpFlags.Ack, "ACK");
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $" seq {segment.Sequence}");
        if (segment.Flags.HasFlag(TcpFlags.Ack))
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $" ack {segment.Acknowledgement}");
        if (segment.Bytes > 0)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $" len {segment.Bytes}");
        return text.ToString().TrimStart();
    }

    /// <summary>What became of it; empty where it simply arrives.</summary>
    public static string Of(SegmentFate fate) => fate switch
    {
        SegmentFate.Held => "held ",
        SegmentFate.Released => "released ",
        SegmentFate.Lost => "lost ",
        SegmentFate.Repeated => "again ",
        _ => "",
    };

    private static void Append(StringBuilder text, TcpFlags flags, TcpFlags flag, string word)
    {
        if ((flags & flag) != 0)
            text.Append(text.Length > 0 ? " " : "").Append(word);
    }
}
