using System.Collections.Immutable;
using System.Globalization;
using Bindwise.Recording.History;
using Bindwise.Rendering.History;
using Bindwise.Rendering.Json;

namespace Bindwise.Recording.Tests;

/// <summary>Several sockets at one address: workers with SO_REUSEPORT, a server that hands over to the next, two who share a UDP port.</summary>
public sealed class SharedAddressTests : IDisposable
{
    private const string Address = "0.0.0.0:8080";

    private static readonly DateTimeOffset Start = new(2026, 11, 24, 3, 12, 0, TimeSpan.Zero);

    private readonly string _path = Directory.CreateTempSubdirectory("bindwise-store-").FullName;

    /// <summary>Who holds the address by the census, what happens then, each a second after the other, and who holds it after that.</summary>
    public static TheoryData<string, string, string> Moments => new()
    {
        // A reload.
        { "1", "listen 2, closed 1", "2" },
        { "1", "listen 2, closed 1, closed 2", "" },
        { "1 2", "closed 2", "1" },
        { "1 2", "closed 1, listen 3, closed 2", "3" },
        // The workers of one process.
        { "", "listen 1, listen 1, listen 1, closed 1", "1 1" },
        { "", "bind 1, listen 1, closed 1", "" },
        { "1", "bind 2, listen 2, closed 2", "1" },
        { "1 2", "owner-changed 2>3, closed 3", "1" },
        // Whose process could not be seen at the census.
        { "1 0", "closed 2", "1" },
        { "0 1", "owner-changed 2>3, closed 1", "3" },
        { "1 2", "closed 0", "2" },
    };

    [Theory]
    [MemberData(nameof(Moments))]
    public void AMomentHasWhoIsLeft(string census, string happens, string left)
    {
        Write(Line(Start, census), happens);
        using var archive = RecordArchive.Open(_path, out _, out _)!;
        var sight = MomentFinder.SocketsAt(archive, Start.AddSeconds(9))!;
        Assert.Equal(left, string.Join(' ', sight.Sockets.Select(static row => row.ProcessId)));
        var target = new Target { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 };
        var verdict = RecordedDiagnosis.Of(target, new Bindwise.Model.Targets.ProgramOptions(), new TargetMatch(null, 8080, [], null), sight, Start).Verdict;
        Assert.Equal(left.Length == 0 ? Verdict.Free : Verdict.Blocked, verdict);
    }

    // The line of a look stands before the events of that look: the census lacks the one that is closed.
    [Fact]
    public void AnEventOfTheSameLookAsTheCensusIsInItAlready()
    {
        Write(Line(Start.AddSeconds(1), "1"), "closed 2");
        using var archive = RecordArchive.Open(_path, out _, out _)!;
        Assert.Equal((1, 0), (Assert.Single(MomentFinder.SocketsAt(archive, Start.AddSeconds(9))!.Sockets).ProcessId,
            MomentFinder.SocketsAt(archive, Start.AddSeconds(9))!.Events));
    }

    // Who was there is told once, although both what was dropped and what was lost leave it open, and beside who came meanwhile.
    [Fact]
    public void WhoWasThereBesideANewListenerIsToldOnce()
    {
        var lost = new PortEvent { Time = Start, Kind = PortEventKind.Lost, Count = 1 };
        Write(EventJson.Render(lost) + "\n", "listen 2", Line(Start.AddSeconds(9), "1 2"));
        using var archive = RecordArchive.Open(_path, out _, out _)!;
        var query = new HistoryQuery { Targets = [new TargetMatch(null, 8080, [], null)] };
        Assert.Equal(["Lost 0", "Listen 2", "Listen 1 was there already"], UnseenChanges.FindAll(archive, query)
            .Select(static item => $"{item.Event.Kind} {item.Event.ProcessId} {item.Event.Reason}".TrimEnd()));
    }

    // Events were lost before the first census that shows them: that census may be written before their own line, which is then the one that is told.
    [Theory]
    [InlineData("", "listen 2", "Lost 0; Listen 2")]
    [InlineData("listen 2, closed 2, ", "listen 3", "Listen 2; Closed 2; Lost 0; Listen 3; Listen 2 was there already")]
    public void AStartIsToldOnceAfterALoss(string before, string after, string told)
    {
        var happens = Events(before + after);
        var late = happens[^1];
        string Json(IEnumerable<PortEvent> events) => string.Concat(events.Select(static one => EventJson.Render(one) + "\n"));
        var lost = new PortEvent { Time = late.Time.AddMilliseconds(-500), Kind = PortEventKind.Lost, Count = 1 };
        var census = Line(late.Time.AddMilliseconds(500), before.Length == 0 ? "2" : "2 3");
        File.WriteAllText(Path.Combine(_path, "20261124T031200000Z.jsonl"), Line(Start, "") + Json(happens[..^1]) + Json([lost]) + census + Json([late]));
        using var archive = RecordArchive.Open(_path, out _, out _)!;
        Assert.Equal(told, string.Join("; ", UnseenChanges.FindAll(archive, new HistoryQuery { Targets = [new TargetMatch(null, 8080, [], null)] })
            .Select(static item => $"{item.Event.Kind} {item.Event.ProcessId} {item.Event.Reason}".TrimEnd())));
    }

    // A listener of which nothing was told since is held all the same.
    [Fact]
    public void ATimeLineGoesOnAsLongAsTheRecordDoes()
    {
        var events = Events("listen 1, closed 1, listen 2").ToList();
        var last = events.Max(static one => one.Time);
        string Axis(DateTimeOffset? until) => TimelineText.Render(events, TimeZoneInfo.Utc, null, isUnicode: true, until)[0].ToString();
        Assert.EndsWith(last.ToString("HH:mm:ss", CultureInfo.InvariantCulture), Axis(null), StringComparison.Ordinal);
        Assert.EndsWith(last.ToString("HH:mm:ss", CultureInfo.InvariantCulture), Axis(last.AddMinutes(-1)), StringComparison.Ordinal);
        Assert.EndsWith(last.AddMinutes(9).ToString("HH:mm:ss", CultureInfo.InvariantCulture), Axis(last.AddMinutes(9)), StringComparison.Ordinal);
    }

    [Fact]
    public void ATimeLineEndsWithTheLastOfThem()
    {
        var drawn = Drawn("listen 1, listen 2, closed 1, bind-failed 3");
        Assert.Contains("┣", drawn[1], StringComparison.Ordinal);
        Assert.DoesNotContain("·", drawn[1], StringComparison.Ordinal);
        Assert.Equal(["x (pid 1) for 2 s", "x (pid 2) since then"], drawn[2..4]);
        Assert.Equal(["x (pid 2) for 1 s", "x (pid 1) for 3 s"], Drawn("listen 1, listen 2, closed 2, closed 1")[2..4]);
        Assert.Equal("x (pid 1) for 2 s", Drawn("bind 1, listen 1, closed 1, bind-failed 3")[2]);
        // Who was there from the first moment does not end who came.
        Assert.Equal(["x (pid 1) for at least 1 s", "x (pid 2) since then"], Drawn("listen 2, closed 1, bind-failed 3")[2..4]);
        Assert.Equal("x (pid 1), for how long is not known", Drawn("closed 1, bind-failed 3")[2]);
        Assert.Equal(["x (pid 2) for 1 s", "x (pid 1) since then", "x (pid 3) since then"], Drawn("listen 1, listen 2, owner-changed 2>3")[2..5]);
    }

    // Nobody saw when these began or ended.
    [Theory]
    [InlineData(UnseenReason.HeldBefore, 9, null, "x (pid 1) for at least 9 s")]
    [InlineData(UnseenReason.HeldBefore, 0, null, "x (pid 1), for how long is not known")]
    [InlineData(UnseenReason.HeldBefore, 9, UnseenReason.EndedBefore, "x (pid 1), for how long is not known")]
    [InlineData(UnseenReason.HeldBefore, null, null, "x (pid 1) since before then")]
    [InlineData(null, 9, UnseenReason.EndedAtLoss, "x (pid 1) for at most 9 s")]
    [InlineData(null, 0, UnseenReason.EndedAtLoss, "x (pid 1) for less than a second")]
    public void ATimeLineTellsNoLengthThatNobodyKnows(string? began, int? seconds, string? ended, string told)
    {
        var begun = Events("listen 1")[0] with { Reason = began };
        PortEvent[] events = seconds is not { } after ? [begun]
            : [begun, begun with { Kind = PortEventKind.Closed, Time = begun.Time.AddSeconds(after), Reason = ended }];
        Assert.Equal(told, TimelineText.Render(events, TimeZoneInfo.Utc, null, isUnicode: true)[2].ToString()!.Trim());
    }

    [Fact]
    public void AListTellsHowLongEachOfThemHeldIt()
    {
        var told = HistoryText.Render(Events("listen 1, listen 2, closed 1, bind 3, listen 3, owner-changed 2>4, closed 3, closed 4, closed 5"), TimeZoneInfo.Utc, null);
        Assert.Equal(["x (pid 1) released it after 2 s", "x (pid 3) released it after 3 s", "x (pid 4) released it after 2 s", "x (pid 5) released it"],
            told.Select(static line => line.ToString()!).Where(static line => line.Contains("released", StringComparison.Ordinal))
                .Select(static line => line[line.IndexOf("x (", StringComparison.Ordinal)..]));
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_path, recursive: true);

    private static string[] Drawn(string happens) => [.. TimelineText.Render(Events(happens), TimeZoneInfo.Utc, null, isUnicode: true)
        .Select(static line => line.ToString()!.Trim())];

    /// <summary>Events as <c>listen 1</c>, or <c>owner-changed 1>2</c>, a second after each other.</summary>
    private static ImmutableArray<PortEvent> Events(string happens) =>
    [
        .. happens.Split(", ").Select(static (text, index) =>
        {
            var (kind, who) = (text.Split(' ')[0], text.Split(' ')[1].Split('>'));
            return new PortEvent
            {
                Time = Start.AddSeconds(index + 1),
                Kind = PortEventWords.KindOf(kind)!.Value,
                Protocol = Protocol.Tcp,
                Address = Address,
                ProcessId = int.Parse(who[^1], CultureInfo.InvariantCulture),
                PreviousProcessId = who.Length > 1 ? int.Parse(who[0], CultureInfo.InvariantCulture) : null,
                Program = "x",
            };
        }),
    ];

    private static string Line(DateTimeOffset time, string processes)
    {
        var line = new System.Buffers.ArrayBufferWriter<byte>();
        ImmutableArray<CensusRow> rows = [.. processes.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static one => new CensusRow(Protocol.Tcp, Address, "LISTEN", 1, int.Parse(one, CultureInfo.InvariantCulture), "x", 0))];
        CensusJson.Write(line, time, new CensusFacts(rows, []), CensusPart.Beginning);
        return System.Text.Encoding.UTF8.GetString(line.WrittenSpan) + "\n";
    }

    private void Write(string before, string happens, string after = "") => File.WriteAllText(Path.Combine(_path, "20261124T031200000Z.jsonl"),
        before + string.Concat(Events(happens).Select(static one => EventJson.Render(one) + "\n")) + after);
}
