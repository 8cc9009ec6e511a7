using System.Diagnostics;
using System.Globalization;
using System.Text;
using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;
using Record = Bindwise.Lab.Recording.Record;

namespace Bindwise.Lab.Kernel.Tests.Recording;

/// <summary>A scenario played on both hosts, and what was recorded of it as text that a test can hold against another.</summary>
internal static class Recorded
{
    // A play takes milliseconds where the machine has time for it.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Plays it on model and kernel.</summary>
    internal static RecordedPlay Play(string text, RecordingOptions? options = null)
    {
        var parse = BindText.Parse(text);
        using var player = new RecordingPlayer(options ?? new RecordingOptions { Patience = Patience });
        return player.Play(parse.Scenario ?? throw new FormatException($"{parse.Fault} in:\n{text}"));
    }

    /// <summary>
    /// Plays it until the records are alike or the machine did not hold it up: what nobody acknowledged is sent again after 200 ms, and in the
    /// model's play no time passes.
    /// </summary>
    internal static RecordedPlay PlayInTime(string text, IReadOnlyDictionary<ushort, string> names)
    {
        var play = Play(text);
        var began = Stopwatch.GetTimestamp();
        for (var plays = 1; play.Kernel?.Overtime > HeldUpPlay.Slack && Text(play.Model!, names) != Text(play.Kernel, names)
            && HeldUpPlay.HasTime(plays, Stopwatch.GetElapsedTime(began), Patience); plays++)
        {
            Thread.Sleep(HeldUpPlay.PauseAfter(plays));
            play = Play(text);
        }
        return play;
    }

    /// <summary>The results, both hosts' where they differ.</summary>
    internal static string Results(RecordedPlay play) => string.Join(' ', play.Result.Steps.Where(static outcome => outcome.Step is not ExpectStep)
        .Select(static outcome => outcome.Model?.Result == outcome.Kernel?.Result ? outcome.Result : $"{outcome.Model?.Result}/{outcome.Kernel?.Result}"));

    /// <summary>What happened in each step that anything happened in: the segments in their order, and each socket's states in theirs.</summary>
    internal static string Text(Record record, IReadOnlyDictionary<ushort, string> names)
    {
        var text = new StringBuilder();
        foreach (var step in record.Steps)
        {
            foreach (var segment in step.Events.OfType<SegmentEvent>())
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"{step.Index} {NameOf(segment.From.Port, names)} > {NameOf(segment.To.Port, names)} {segment.Flags} {segment.Sequence} {segment.Acknowledgement} {segment.Bytes} {segment.Fate}\n");
            }
            // A handshake that comes to nothing is a request on the kernel, which passes no tracepoint.
            var vain = step.Events.OfType<StateEvent>().Where(static state => state is { From: TcpSocketState.SynReceived, To: null }).Select(static state => state.Remote).ToList();
            foreach (var socket in step.Events.OfType<StateEvent>().Where(state => !vain.Contains(state.Remote)).GroupBy(state => NameOf(state.Local.Port, names) + (state.Remote is null ? "" : " connected")).OrderBy(static group => group.Key, StringComparer.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"{step.Index} {socket.Key}: {string.Join(", ", socket.Select(state => $"{state.Socket}={state.From}>{state.To}"))}\n");
        }
        return text.ToString();
    }

    /// <summary>The socket tables after the steps.</summary>
    internal static string Tables(Record record, IReadOnlyDictionary<ushort, string> names) => string.Join('\n', record.Steps.Select(step => $"{step.Index} "
        + string.Join(", ", step.Sockets.Select(row => $"{row.Process} {row.Socket} {row.Protocol} {NameOf(row.Local.Port, names)}>{(row.Remote is { } remote ? NameOf(remote.Port, names) : "")} {row.State}"))));

    private static string NameOf(ushort port, IReadOnlyDictionary<ushort, string> names) =>
        names.TryGetValue(port, out var name) ? name : port >= 32768 ? "auto" : port.ToString(CultureInfo.InvariantCulture);
}
