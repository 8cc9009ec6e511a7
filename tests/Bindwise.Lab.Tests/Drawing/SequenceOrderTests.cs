using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Drawing.Sequences;
using static Bindwise.Lab.Tests.Drawing.RecordMaker;
using Record = Bindwise.Lab.Recording.Record;

namespace Bindwise.Lab.Tests.Drawing;

/// <summary>What happens before a call begins is drawn, and above it.</summary>
public sealed class SequenceOrderTests
{
    private static RecordMaker Waiting => new RecordMaker("order")
        .State("conn", At(8080), At(40712), TcpSocketState.Established).Step("conn = accept old")
        .State("conn", At(8080), At(40712), TcpSocketState.TimeWait, 60).Step("close conn");

    [Fact]
    public void AnEventBetweenTwoAttempts_StandsAboveTheLaterOne() => StandsAbove("bind new", Waiting
        .Step("bind new 127.0.0.1:8080", "EADDRINUSE").Again("EADDRINUSE").Again("EADDRINUSE")
        .Wait(60).State("conn", At(8080), At(40712), null).Wait(0.2).Again("ok").Make());

    [Fact]
    public void AnEventBeforeTheLastOfSeveralCallsOfOneLine_StandsAboveThem()
    {
        var record = Waiting.Wait(60).State("conn", At(8080), At(40712), null).Wait(0.2).Step("new = tcp reuseaddr 127.0.0.1:8080").Make();
        var last = record.Steps[^1];
        StandsAbove("new = tcp", record with { Steps = record.Steps.SetItem(record.Steps.Length - 1, last with { Begin = last.End }) });
    }

    private static void StandsAbove(string call, Record record)
    {
        var lines = TextPicture.Render(SequenceLayout.Of(record, 100)).Select(static line => line.ToString()).ToList();
        var (end, last) = (lines.FindIndex(static line => line.Contains("CLOSED", StringComparison.Ordinal)), lines.FindLastIndex(line => line.Contains(call, StringComparison.Ordinal)));
        Assert.True(end >= 0 && end < last, string.Join('\n', lines));
    }
}
