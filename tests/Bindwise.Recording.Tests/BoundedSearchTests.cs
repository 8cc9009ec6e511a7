using System.Text;
using Bindwise.Recording.History;
using Bindwise.Rendering.History;
using Bindwise.Rendering.Json;

namespace Bindwise.Recording.Tests;

/// <summary>A search for the newest events of a long record reads no more of it than they take, and can be given up.</summary>
public sealed class BoundedSearchTests : IDisposable
{
    // Two recorders: between them one server ended, and two began.
    private static readonly string[][] Segments =
    [
        [Event("01:00:00", "recorder-started", 0), Census("01:00:01", 8080), Event("01:10:00", "listen", 8090), Event("01:20:00", "recorder-stopped", 0)],
        [Event("03:00:00", "recorder-started", 0), Census("03:00:01", 8081, 8082), Event("03:10:00", "bind-failed", 8081), Event("03:20:00", "closed", 8082)],
        [Event("04:10:00", "listen", 8083), Event("04:11:00", "listen", 8084), Event("04:12:00", "closed", 8083)],
    ];

    private readonly string _path = Directory.CreateTempSubdirectory("bindwise-store-").FullName;

    public BoundedSearchTests()
    {
        for (var number = 0; number < Segments.Length; number++)
            File.WriteAllLines(Path.Combine(_path, $"20261124T0{number}0000000Z.jsonl"), Segments[number]);
    }

    [Fact]
    public void TheNewestOfAllIsWhatIsFound()
    {
        using var whole = Open();
        var all = UnseenChanges.FindAll(whole, new HistoryQuery()).ToList();
        Assert.Equal(5, all.Count(static item => item.IsInferred));
        Assert.False(whole.LeftOutOlder);
        for (var most = 0; most <= all.Count; most++)
        {
            using var archive = Open();
            var found = UnseenChanges.FindAll(archive, new HistoryQuery { MostEvents = most });
            Assert.Equal(all[^most..].Select(static item => item.Event), found.Select(static item => item.Event));
            Assert.Equal(most < all.Count, archive.LeftOutOlder);
        }
    }

    [Fact]
    public void TheNewestThatHaveRoomAreFound()
    {
        using var archive = Open();
        var all = archive.Find(new HistoryQuery()).ToList();
        Assert.Equal(all[^2..].Select(static item => item.Event),
            archive.Find(new HistoryQuery { MostBytes = all[^1].Length + all[^2].Length }).Select(static item => item.Event));
        Assert.True(archive.LeftOutOlder);
        Assert.Single(UnseenChanges.FindAll(archive, new HistoryQuery { MostBytes = all[^1].Length + all[^2].Length - 1 }));
    }

    // A record may have more than is kept of it: then it is read anew for each look at it.
    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(8)]
    public void WhatIsNotKeptIsReadAnew(int kept)
    {
        using var whole = Open();
        using var archive = Open();
        archive.MostKeptEntries = kept;
        Assert.Equal(Reported(whole), Reported(archive));
        Assert.Empty(archive.Notes());

        static List<(PortEvent, string)> Reported(RecordArchive archive) =>
            [.. UnseenChanges.FindAll(archive, new HistoryQuery()).Select(item => (item.Event, item.IsInferred ? "" : Encoding.UTF8.GetString(archive.LineOf(item))))];
    }

    // What cannot be read is told where it is opened.
    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    public void WhatIsOlderIsNotOpened(int most, int notes)
    {
        foreach (var file in Directory.GetFiles(_path).Order(StringComparer.Ordinal).SkipLast(1))
        {
            File.Delete(file);
            File.CreateSymbolicLink(file, "/etc/passwd");
        }
        File.Delete(Directory.GetFiles(_path).Min(StringComparer.Ordinal)!);
        using var archive = Open();
        Assert.Equal(most, UnseenChanges.FindAll(archive, new HistoryQuery { MostEvents = most }).Count(static item => !item.IsInferred));
        Assert.Equal(notes, archive.Notes().Count());
    }

    [Fact]
    public void ASearchIsGivenUp()
    {
        using var archive = Open();
        var given = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => archive.Find(new HistoryQuery(), given));
        Assert.Throws<OperationCanceledException>(() => UnseenChanges.FindAll(archive, new HistoryQuery(), given));
        Assert.Throws<OperationCanceledException>(() => MomentFinder.SocketsAt(archive, DateTimeOffset.MinValue, given));
    }

    // A record may have millions of events, and the reader of a list may be content with the first.
    [Fact]
    public void AListIsMadeWhileItIsRead()
    {
        using var archive = Open();
        var read = 0;
        var lines = HistoryText.Render(UnseenChanges.FindAll(archive, new HistoryQuery()).Select(item =>
        {
            read++;
            return item.Event;
        }), TimeZoneInfo.Utc, null);
        Assert.Equal(0, read);
        Assert.Contains("bindwise record started", lines.First().ToString(), StringComparison.Ordinal);
        Assert.Equal(1, read);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_path, recursive: true);

    private static string Event(string time, string kind, int port) => EventJson.Render(new PortEvent
    {
        Time = At(time),
        Kind = PortEventWords.KindOf(kind)!.Value,
        Protocol = port == 0 ? null : Protocol.Tcp,
        Address = port == 0 ? null : $"0.0.0.0:{port}",
        ProcessId = port,
        Program = port == 0 ? null : "x",
    });

    private static string Census(string time, params int[] ports)
    {
        var line = new System.Buffers.ArrayBufferWriter<byte>();
        CensusJson.Write(line, At(time), new CensusFacts([.. ports.Select(static port => new CensusRow(Protocol.Tcp, $"0.0.0.0:{port}", "LISTEN", 1, port, "x", 0))], []),
            CensusPart.Beginning);
        return System.Text.Encoding.UTF8.GetString(line.WrittenSpan);
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse($"2026-11-24T{time}Z", System.Globalization.CultureInfo.InvariantCulture);

    private RecordArchive Open() => RecordArchive.Open(_path, out _, out _)!;
}
