using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using Bindwise.Model.Events;
using Bindwise.Recording.Events;
using Bindwise.Recording.History;
using Bindwise.Recording.Journal;
using Bindwise.Recording.Recorder;
using Bindwise.Recording.Segments;
using Bindwise.Rendering.History;
using Bindwise.Rendering.Json;

namespace Bindwise.Recording.Tests;

/// <summary>The store in a directory of its own.</summary>
public sealed class StoreTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 3, 12, 0, TimeSpan.Zero);

    private readonly string _path = Path.Combine(Path.GetTempPath(), "bindwise-store-" + Guid.NewGuid().ToString("n"), "record");
    private readonly List<string> _told = [];

    [Fact]
    public void WhatWasRecordedIsFoundAgainWithAnIndexAndWithoutOne()
    {
        using (var recorder = Record())
        {
            for (var count = 0; count < 500; count++)
                recorder.Happened(Failure(count));
            recorder.Stop();
        }
        Assert.Single(Directory.GetFiles(_path, "*.jsonl.gz"));
        for (var round = 0; round < 2; round++)
        {
            using var archive = Open();
            var found = archive.Find(new HistoryQuery { IsFailedOnly = true }).ToList();
            Assert.Equal(Enumerable.Range(0, 500).Select(static number => number + 1), found.Select(static item => item.Event.ProcessId));
            Assert.Equal(EventJson.Render(Failure(499)), Encoding.UTF8.GetString(archive.LineOf(found[^1])));
            Assert.Empty(archive.Notes());
            Assert.Single(Directory.GetFiles(_path, "*.idx"));
        }
    }

    [Fact]
    public void ASegmentThatIsClosedWhileItIsReadGivesTheSameLines()
    {
        using var recorder = Record();
        for (var count = 0; count < 500; count++)
            recorder.Happened(Failure(count));
        using var listed = Open();
        using var found = Open();
        var items = found.Find(new HistoryQuery { IsFailedOnly = true });

        recorder.Stop();

        Assert.Empty(Directory.GetFiles(_path, "*.jsonl"));
        Assert.Equal(500, listed.Find(new HistoryQuery { IsFailedOnly = true }).Count());
        Assert.Empty(listed.Notes());
        Assert.Equal(Enumerable.Range(0, 500).Select(static number => EventJson.Render(Failure(number))),
            items.Select(item => Encoding.UTF8.GetString(found.LineOf(item))));
        Assert.Empty(found.Notes());
    }

    [Fact]
    public void ASegmentThatIsOpenAndCompressedIsReadOnce()
    {
        using (var recorder = Record())
        {
            recorder.Happened(Failure(1));
            recorder.Stop();
        }
        // A recorder that was killed between the compressed file and the removal of the other.
        var compressed = Assert.Single(Directory.GetFiles(_path, "*.jsonl.gz"));
        using (var file = File.OpenRead(compressed))
        using (var unpacked = new GZipStream(file, CompressionMode.Decompress))
        using (var text = new StreamReader(unpacked))
            Write(Path.GetFileName(compressed)[..^".gz".Length], text.ReadToEnd());
        using var archive = Open();
        Assert.Single(archive.Find(new HistoryQuery { IsFailedOnly = true }));
        Assert.Empty(archive.Notes());
    }

    [Fact]
    public void OnlyItsOwnerMayReadIt()
    {
        using (var recorder = Record())
            recorder.Stop();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_path));
        Assert.All(Directory.GetFiles(_path), static file =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/below")]
    public void AFileIsNoDirectoryOfAStore(string below)
    {
        Directory.CreateDirectory(_path);
        var file = Path.Combine(_path, "file");
        File.WriteAllText(file, "");
        Assert.Null(HostRecorder.Open(file + below, new RecordLimits(null, null), TimeProvider.System, _told.Add, null, out var fault));
        Assert.Equal($"{file} is not a folder", fault);
    }

    [Fact]
    public void ASecondRecorderIsRefused()
    {
        using var recorder = Record();
        Assert.Null(HostRecorder.Open(_path, new RecordLimits(null, null), TimeProvider.System, _told.Add, null, out var fault));
        Assert.Equal("another recorder writes there", fault);
    }

    [Fact]
    public void AfterAKillTheTornLineIsLeftOutAndNothingElse()
    {
        using (var recorder = Record())
        {
            recorder.Happened(Failure(1));
            recorder.Happened(Failure(2));
        }
        var segment = Assert.Single(Directory.GetFiles(_path, "*.jsonl"));
        File.AppendAllText(segment, "{\"schema\":\"bindwise.event/1\",\"ti");
        using (var archive = Open())
            Assert.Equal(2, archive.Find(new HistoryQuery { IsFailedOnly = true }).Count());
        using (var again = Record())
            again.Stop();
        Assert.Contains(_told, static line => line.Contains("ended in the middle of a line", StringComparison.Ordinal));
        using var later = Open();
        Assert.Equal(2, later.Find(new HistoryQuery { IsFailedOnly = true }).Count());
    }

    [Fact]
    public void WhatIsForeignOrDamagedIsSkippedAndCounted()
    {
        using (var recorder = Record())
        {
            recorder.Happened(Failure(1));
            recorder.Stop();
        }
        Write("20260101T000000000Z.jsonl", "no json\n{}\n" + EventJson.Render(Failure(2))
            + "\n{\"schema\":\"bindwise.event/1\",\"time\":\"2026-01-01T00:00:00Z\",\"event\":\"later-word\"}\n"
            + "\u001b[2J\n" + new string('x', 3 << 20) + "\n" + EventJson.Render(Failure(3)) + "\n");
        using (var file = File.Create(Path.Combine(_path, "20260102T000000000Z.jsonl.gz")))
        using (var packed = new GZipStream(file, CompressionLevel.Fastest))
            packed.Write(Encoding.UTF8.GetBytes(EventJson.Render(Failure(4)) + "\n"));
        Write("20260103T000000000Z.jsonl.gz", "this is no gzip");
        File.CreateSymbolicLink(Path.Combine(_path, "20260104T000000000Z.jsonl"), "/etc/passwd");
        using var archive = Open();
        Assert.Equal([3, 4, 5, 2], archive.Find(new HistoryQuery { IsFailedOnly = true }).OrderBy(static item => item.Place.Segment)
            .ThenBy(static item => item.Event.Time).Select(static item => item.Event.ProcessId));
        Assert.Equal(1, archive.Skipped.UnknownEvents);
        Assert.Equal(3, archive.Skipped.Lines);
        Assert.True(archive.Skipped.Bytes > 3 << 20);
        Assert.Contains(archive.Notes(), static note => note.Contains("20260104T000000000Z.jsonl", StringComparison.Ordinal));
    }

    [Fact]
    public void AnIndexThatIsDamagedOrOfAnotherSegmentIsMadeAnew()
    {
        using (var recorder = Record())
        {
            for (var count = 0; count < 50; count++)
                recorder.Happened(Failure(count));
            recorder.Stop();
        }
        using (var archive = Open())
            _ = archive.Find(new HistoryQuery());
        var index = Assert.Single(Directory.GetFiles(_path, "*.idx"));
        var whole = File.ReadAllBytes(index);
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var bytes = (byte[])whole.Clone();
            if (round % 3 == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            else
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(index, bytes);
            using var archive = Open();
            Assert.Equal(50, archive.Find(new HistoryQuery { IsFailedOnly = true }).Count());
        }
    }

    [Fact]
    public void AMomentIsAnsweredFromTheFailureElseFromTheCensus()
    {
        var text = new StringBuilder(Line(Start, Nginx));
        text.Append(EventJson.Render(new PortEvent
        {
            Time = Start.AddSeconds(4),
            Kind = PortEventKind.OwnerChanged,
            Protocol = Protocol.Tcp,
            Address = "0.0.0.0:8080",
            ProcessId = 43,
            Program = "caddy",
        })).Append('\n');
        Directory.CreateDirectory(_path);
        Write("20261124T031200000Z.jsonl", text.ToString());
        using var archive = Open();
        var match = new TargetMatch(null, 8080, [], null);
        Assert.Null(MomentFinder.Find(archive, match, Start.AddSeconds(31)));
        Assert.Null(MomentFinder.Find(archive, match, Start.AddSeconds(-1)));
        var early = Assert.IsType<RecordedMoment.Sight>(MomentFinder.Find(archive, match, Start.AddSeconds(2)));
        Assert.Equal(42, Assert.Single(early.Sockets).ProcessId);
        var late = Assert.IsType<RecordedMoment.Sight>(MomentFinder.Find(archive, match, Start.AddSeconds(9)));
        Assert.Equal((43, 1), (Assert.Single(late.Sockets).ProcessId, late.Events));
        var target = new Target { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 };
        var diagnosis = RecordedDiagnosis.Of(target, new Bindwise.Model.Targets.ProgramOptions(), match, late, Start.AddSeconds(9));
        Assert.Equal(Verdict.Blocked, diagnosis.Verdict);
        Assert.Equal("from-record", diagnosis.Limits[0].Id);
        Assert.Equal(Start, diagnosis.TakenAt);
        var document = Encoding.UTF8.GetBytes(DiagnosisJson.Render(diagnosis));
        Assert.Equal(diagnosis.Summary, DiagnosisReader.Read(document, target)!.Summary);
        Assert.Contains("\"limits\":[{\"id\":\"x\",\"text\":\"y\"},{", Encoding.UTF8.GetString(
            DiagnosisReader.WithLimit(document, new Remark { Id = "x", Text = "y" })), StringComparison.Ordinal);
    }

    // The one that is whole stands before it, and has a later time.
    [Fact]
    public void ACensusIsTheSameAsTheOneBeforeTheClockWentBack()
    {
        Directory.CreateDirectory(_path);
        Write("20261124T041200000Z.jsonl", Line(Start.AddHours(1), Nginx) + Line(Start, null) + Line(Start.AddSeconds(10), null));
        using var archive = Open();
        var sight = MomentFinder.SocketsAt(archive, Start.AddSeconds(15))!;
        Assert.Equal((Start.AddSeconds(10), 42), (sight.Taken, Assert.Single(sight.Sockets).ProcessId));
    }

    // It failed then, whatever was found when it was looked.
    [Theory]
    [InlineData("free", "null")]
    [InlineData("blocked", "\"EADDRNOTAVAIL\"")]
    public void AFailureThatItsDiagnosisDoesNotExplain_IsNotAnsweredByThat(string verdict, string errno)
    {
        var target = new Target { Text = "127.0.0.1:8080", Protocol = Protocol.Tcp, Port = 8080 };
        var document = Encoding.UTF8.GetBytes($$"""
            {"schema":"bindwise.diagnosis/1","summary":"It is so.","takenAt":"2026-11-24T03:12:00Z","verdict":"{{verdict}}","errno":{{errno}},"cause":"{{(verdict == "free" ? "free" : "address-not-local")}}"}
            """);
        var failure = new PortEvent
        {
            Time = Start,
            Kind = PortEventKind.BindFailed,
            Call = PortEventCall.Bind,
            Result = "EADDRINUSE",
            Limits = ["by the time Bindwise looked, nothing was in the way any more"],
        };
        var (answer, whole) = RecordedDiagnosis.Of(target, failure, document, Start);
        Assert.Equal((Verdict.Undetermined, null), (answer!.Verdict, answer.Errno));
        Assert.NotEqual(Cause.Free, answer.Cause);
        Assert.Equal("bind() of 127.0.0.1:8080 failed then (EADDRINUSE), and the reason is not known: by the time Bindwise looked, nothing was in the way any more.", answer.Summary);
        Assert.Null(whole);
        (answer, whole) = RecordedDiagnosis.Of(target, failure with { Cause = "address-not-local" }, document, Start);
        Assert.Equal("It is so.", answer!.Summary);
        Assert.NotNull(whole);
    }

    /// <summary>The longest time of a socket is 24 days; a file that names more, within what a number may be, is read all the same.</summary>
    [Fact]
    public void ADiagnosisWhoseTimeIsBeyondAllBoundsIsRead()
    {
        var target = new Target { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 };
        var document = Encoding.UTF8.GetBytes("""
            {"schema":"bindwise.diagnosis/1","summary":"8080/tcp is taken.","takenAt":"2026-11-24T03:12:00Z","verdict":"blocked","cause":"time-wait",
             "blockers":[{"rule":"BW005","protocol":"tcp","state":"TIME_WAIT","local":"127.0.0.1:8080","secondsLeft":2147483647}]}
            """);
        Assert.Equal(int.MaxValue, Assert.Single(DiagnosisReader.Read(document, target)!.Blockers).Socket.MillisecondsLeft);
    }

    [Fact]
    public void ACensusOfVeryManySocketsIsReadBackWhole()
    {
        // Names of 107 bytes, each of which is six as JSON: together more than ten lines may hold.
        var sockets = Enumerable.Range(0, 16_384).Select(static number => new CensusSocket(new HeldSocket
        {
            Protocol = Protocol.Unix,
            State = TcpSocketState.Close,
            Path = "@" + number.ToString("d7", CultureInfo.InvariantCulture) + new string('\0', 100),
        }, new CensusHolder(number + 1, "x", 0))).ToImmutableArray();
        var time = new Clock();
        using var recorder = HostRecorder.Open(_path, new RecordLimits(null, null), time, _told.Add, null, out _)!;
        recorder.Start();
        var taken = time.Now += TimeSpan.FromSeconds(1);
        recorder.CensusRead(new HostCensus { TakenAt = taken, Sockets = sockets, SocketsOmitted = 5 });
        recorder.Happened(Failure(1) with { Time = taken.AddSeconds(1), Kind = PortEventKind.Listen, Result = "ok" });
        Assert.All(File.ReadAllLines(Directory.GetFiles(_path, "*.jsonl").Single()),
            static line => Assert.InRange(Encoding.UTF8.GetByteCount(line), 1, SegmentReader.LongestLine - 1));
        for (var round = 0; round < 2; round++)
        {
            using var archive = Open();
            var sight = MomentFinder.SocketsAt(archive, taken.AddSeconds(2));
            Assert.Equal((16_385, 1, 5), (sight!.Sockets.Length, sight.Events, sight.Omitted));
            Assert.Equal(Enumerable.Range(1, 16_384), sight.Sockets.Take(16_384).Select(static row => row.ProcessId));
            Assert.Empty(archive.Notes());
            // After the moment that is asked for: the end of the recorder is an event too.
            time.Now = taken.AddSeconds(3);
            recorder.Stop();
        }
        Assert.Empty(_told);
    }

    // The census before that moment is older than the server.
    [Fact]
    public void WhoHeldItWhenWhatIsToldBeginsIsToldForThatMoment()
    {
        var listens = EventJson.Render(Failure(1) with { Time = Start.AddSeconds(5), Kind = PortEventKind.Listen, Result = "ok", ProcessId = 7 });
        Directory.CreateDirectory(_path);
        Write("20261124T031200000Z.jsonl", Line(Start, new CensusFacts([], [])) + listens + "\n");
        using var archive = Open();
        var told = Assert.Single(UnseenChanges.FindAll(archive, new HistoryQuery { Since = Start.AddSeconds(7), Targets = [new TargetMatch(null, 8080, [], null)] }));
        Assert.Equal((Start.AddSeconds(7), 7, true), (told.Event.Time, told.Event.ProcessId, told.IsInferred));
    }

    // The clock goes back ten minutes before the server ends: the end still comes after the beginning.
    [Fact]
    public void WhatIsRecordedAcrossAClockThatWentBackIsToldInItsOrder()
    {
        var listens = Failure(0) with { Time = Start.AddMinutes(10), Kind = PortEventKind.Listen, Result = "ok", ProcessId = 7, Program = "python3" };
        var set = new PortEvent { Time = Start.AddSeconds(20), Kind = PortEventKind.ClockChanged, Summary = "the clock was set back by 10 min" };
        var closed = listens with { Time = Start.AddSeconds(25), Kind = PortEventKind.Closed };
        Directory.CreateDirectory(_path);
        Write("20261124T031200000Z.jsonl", Line(Start.AddMinutes(9), new CensusFacts([], []))
            + string.Concat(new[] { listens, set, closed }.Select(static one => EventJson.Render(one) + "\n")));
        using var archive = Open();
        List<PortEvent> told = [.. UnseenChanges.FindAll(archive, Of(8080)).Select(static item => item.Event)];
        Assert.Equal([PortEventKind.Listen, PortEventKind.ClockChanged, PortEventKind.Closed], told.Select(static one => one.Kind));
        Assert.Equal(PortEventKind.ClockChanged, Assert.Single(UnseenChanges.FindAll(archive, Of(9)), static item => !item.IsInferred).Event.Kind);
        Assert.DoesNotContain(HistoryText.Render(told, TimeZoneInfo.Utc, null), static line => line.ToString().Contains(" after ", StringComparison.Ordinal));
        var drawn = string.Join('\n', TimelineText.Render(told, TimeZoneInfo.Utc, null, isUnicode: true));
        Assert.Contains("python3 (pid 7), until after the clock was set back", drawn, StringComparison.Ordinal);
        Assert.Contains("the clock was set back by 10 min", drawn, StringComparison.Ordinal);
        Assert.DoesNotContain("since then", drawn, StringComparison.Ordinal);
    }

    // The second recorder's clock is an hour behind: what it sees came later all the same.
    [Fact]
    public void ARecorderWithAnEarlierClockComesAfterTheOneBefore()
    {
        foreach (var (hour, pid) in new[] { (1, 7), (0, 8) })
        {
            var time = new Clock { Now = Start.AddHours(hour) };
            using var recorder = HostRecorder.Open(_path, new RecordLimits(null, null), time, _told.Add, null, out _)!;
            recorder.Start();
            time.Now += TimeSpan.FromSeconds(1);
            recorder.CensusRead(new HostCensus { TakenAt = time.Now, Sockets = [Server(pid)] });
            time.Now += TimeSpan.FromSeconds(1);
            recorder.Stop();
        }
        using var archive = Open();
        Assert.Equal([(PortEventKind.Listen, 7), (PortEventKind.OwnerChanged, 8)],
            UnseenChanges.FindAll(archive, Of(8080)).Select(static item => (item.Event.Kind, item.Event.ProcessId)));
    }

    // The server came while nothing could be written: the census after that shows it.
    [Fact]
    public void WhoCameOrWentWhileEventsWereLostIsTold()
    {
        var lost = new PortEvent { Time = Start.AddSeconds(20), Kind = PortEventKind.Lost, Count = 9 };
        var listens = Failure(0) with { Time = Start.AddSeconds(22), Kind = PortEventKind.Listen, Result = "ok", ProcessId = 9, Address = "0.0.0.0:9502" };
        Directory.CreateDirectory(_path);
        Write("20261124T031200000Z.jsonl", Line(Start, new CensusFacts([Row(9500, 5)], [])) + EventJson.Render(lost) + "\n" + EventJson.Render(listens) + "\n"
            + Line(Start.AddSeconds(30), new CensusFacts([Row(9501, 6), Row(9502, 9)], [])));
        using var archive = Open();
        Assert.Equal("lost, listen was there already", Reported(9501));
        Assert.Equal("listen was there already, lost, closed was gone after events had been lost", Reported(9500));
        Assert.Equal("lost, listen", Reported(9502));

        string Reported(ushort port) => string.Join(", ", UnseenChanges.FindAll(archive, Of(port))
            .Select(static item => $"{PortEventWords.Of(item.Event.Kind)} {item.Event.Reason}".TrimEnd()));
    }

    // Whether a listener on [::] takes IPv4 too is in the census, and in the options of an event since.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AListenerOfBothFamiliesIsInTheWayOfIPv4AndOneOfIPv6IsNot(bool isEvent)
    {
        var time = new Clock();
        using var recorder = HostRecorder.Open(_path, new RecordLimits(null, null), time, _told.Add, null, out _)!;
        recorder.Start();
        var taken = time.Now += TimeSpan.FromSeconds(1);
        CensusSocket Listening(ushort port, Fact v6Only) => new(new HeldSocket
        {
            Protocol = Protocol.Tcp,
            State = TcpSocketState.Listen,
            Family = IpFamily.IPv6,
            Local = new IpEndpoint(IpAddress.AnyIPv6, port),
            V6Only = v6Only,
        }, new CensusHolder(1, "x", 0));
        recorder.CensusRead(new HostCensus { TakenAt = taken, Sockets = isEvent ? [] : [Listening(7001, Fact.No), Listening(7002, Fact.Yes)] });
        foreach (var port in isEvent ? (int[])[7001, 7002] : [])
            recorder.Happened(new PortEvent { Time = taken.AddSeconds(1), Kind = PortEventKind.Listen, Protocol = Protocol.Tcp, Address = $"[::]:{port}", ProcessId = 1, Program = "x", Options = port == 7002 ? ["IPV6_V6ONLY"] : [] });
        using var archive = Open();
        var sight = MomentFinder.SocketsAt(archive, taken.AddSeconds(2))!;
        Assert.Equal([true, false], sight.Sockets.Select(static row => row.IsDualStack!.Value));
        Verdict Ask(ushort port)
        {
            var target = new Target { Text = $"0.0.0.0:{port}", Protocol = Protocol.Tcp, Host = "0.0.0.0", Address = IpAddress.AnyIPv4, Port = port };
            var match = new TargetMatch(null, port, [IpAddress.AnyIPv4], null);
            return RecordedDiagnosis.Of(target, new Bindwise.Model.Targets.ProgramOptions(), match, sight, taken).Verdict;
        }
        Assert.Equal((Verdict.Blocked, Verdict.Free), (Ask(7001), Ask(7002)));
        recorder.Stop();
    }

    [Fact]
    public void AnEventThatIsTooLongIsWrittenWithoutItsDiagnosisElseCounted()
    {
        var longest = new string('x', SegmentReader.LongestLine);
        using (var recorder = Record())
        {
            recorder.Happened(Failure(1) with { Diagnosis = Free with { Why = [longest] } });
            recorder.Happened(Failure(2) with { Count = 7, Summary = longest });
            recorder.Happened(Failure(3));
            recorder.Stop();
        }
        using var archive = Open();
        var failures = archive.Find(new HistoryQuery { IsFailedOnly = true }).ToList();
        Assert.Equal([2, 4], failures.Select(static item => item.Event.ProcessId));
        Assert.Contains("longer than a line may be", Assert.Single(failures[0].Event.Limits), StringComparison.Ordinal);
        Assert.Equal(7, Assert.Single(archive.Find(new HistoryQuery()), static item => item.Event.Kind == PortEventKind.Lost).Event.Count);
        Assert.Empty(archive.Notes());
        Assert.Empty(_told);
    }

    [Fact]
    public void WhatIsLeftOutWhenASegmentIsClosedIsTold()
    {
        using (var recorder = Record())
            recorder.Happened(Failure(1));
        var segment = Assert.Single(Directory.GetFiles(_path, "*.jsonl"));
        File.AppendAllText(segment, new string('x', SegmentReader.LongestLine) + "\n" + EventJson.Render(Failure(2)) + "\n");
        using (var again = Record())
            again.Stop();
        Assert.Equal($"{Path.GetFileName(segment)} in {_path}: left out {SegmentReader.LongestLine + 1} bytes {SkippedLines.Reason}",
            Assert.Single(_told));
        using var archive = Open();
        Assert.Equal(2, archive.Find(new HistoryQuery { IsFailedOnly = true }).Count());
    }

    [Theory]
    [InlineData("""{"schema":"bindwise.census/1","time":"2026-11-24T03:12:10Z","same":false,"sockets":5,"states":{}}""")]
    [InlineData("""{"schema":"bindwise.census/1","time":"2026-11-24T03:12:10Z","same":false,"part":2,"sockets":[],"states":{},"omitted":0,"more":false}""")]
    [InlineData("""{"schema":"bindwise.census/1","time":"2026-11-24T03:12:10Z","same":false,"part":1,"sockets":[],"states":{},"omitted":0,"more":true}""")]
    [InlineData("""{"sch""")]
    public void ACensusThatIsDamagedMakesNothingKnown(string damaged)
    {
        var closed = EventJson.Render(Failure(1) with { Time = Start.AddSeconds(5), Kind = PortEventKind.Closed, Result = "ok" });
        Directory.CreateDirectory(_path);
        Write("20261124T031200000Z.jsonl", Line(Start, Nginx) + closed + "\n" + damaged + "\n" + Line(Start.AddSeconds(20), null)
            + Line(Start.AddSeconds(60), Nginx) + Line(Start.AddSeconds(70), null));
        using var archive = Open();
        // What is known still is what was seen before; "the same" as what is not known is not known either.
        Assert.Empty(MomentFinder.SocketsAt(archive, Start.AddSeconds(25))!.Sockets);
        Assert.Null(MomentFinder.SocketsAt(archive, Start.AddSeconds(45)));
        Assert.Single(MomentFinder.SocketsAt(archive, Start.AddSeconds(75))!.Sockets);
        var isWhole = damaged.Contains("\"part\"", StringComparison.Ordinal);
        Assert.Equal(isWhole ? 0 : 1, archive.Skipped.Lines);
        Assert.Equal(isWhole ? 0 : 1, archive.Notes().Count());
    }

    [Fact]
    public void WhereNotAllSocketsWereSeenAPortIsNotCalledFree()
    {
        Directory.CreateDirectory(_path);
        Write("20261124T031200000Z.jsonl", Line(Start, Nginx! with { Omitted = 3 }));
        using var archive = Open();
        foreach (var (port, verdict) in new[] { ((ushort)8080, Verdict.Blocked), ((ushort)8081, Verdict.Undetermined) })
        {
            var match = new TargetMatch(null, port, [], null);
            var sight = Assert.IsType<RecordedMoment.Sight>(MomentFinder.Find(archive, match, Start.AddSeconds(1)));
            var target = new Target { Text = $"{port}", Protocol = Protocol.Tcp, Port = port };
            var diagnosis = RecordedDiagnosis.Of(target, new Bindwise.Model.Targets.ProgramOptions(), match, sight, Start.AddSeconds(1));
            Assert.Equal(verdict, diagnosis.Verdict);
            Assert.Contains("3 are missing", diagnosis.Limits[0].Text, StringComparison.Ordinal);
            Assert.DoesNotContain(diagnosis.Remedies, static remedy => remedy.Text.Contains("sandbox", StringComparison.Ordinal));
        }
    }

    // As Java binds it: the same IPv4 address in either form, and not one that IPV6_V6ONLY could keep from it.
    [Theory]
    [InlineData("[::ffff:127.0.0.6]:8080", "127.0.0.6")]
    [InlineData("127.0.0.6:8080", "::ffff:127.0.0.6")]
    [InlineData("[::ffff:127.0.0.6]:8080", "::ffff:127.0.0.6")]
    public void AnAddressInEitherForm_IsTheSame(string listens, string asked)
    {
        Assert.True(IpAddress.TryParse(asked, out var address));
        var match = new TargetMatch(null, 8080, [address], null);
        Assert.True(match.Covers(Protocol.Tcp, listens));
        Assert.False(match.Covers(Protocol.Tcp, listens.Replace("0.6", "0.7", StringComparison.Ordinal)));
        var row = new CensusRow(Protocol.Tcp, listens, "LISTEN", 1, 5, "srv", 0);
        var target = new Target { Text = asked, Protocol = Protocol.Tcp, Port = 8080, Host = asked, Address = address };
        Assert.Equal(Verdict.Blocked, RecordedDiagnosis.Of(target, new Bindwise.Model.Targets.ProgramOptions(), match, new RecordedMoment.Sight(Start, [row], 0, 0), Start).Verdict);
    }

    // Who held the port was in the way, whatever the host had; without that, a census tells only the addresses that it shows.
    [Theory]
    [InlineData("10.9.9.1", null, "10.9.9.1:8080", Verdict.Blocked)]
    [InlineData("10.9.9.1", null, "0.0.0.0:8080", Verdict.Blocked)]
    [InlineData("10.9.9.1", null, "10.9.9.1:9090", Verdict.Free)]
    [InlineData("10.9.9.1", null, "0.0.0.0:9090", Verdict.Undetermined)]
    [InlineData("2001:db8::1", null, "[2001:db8::1]:9090", Verdict.Free)]
    [InlineData("2001:db8::1", null, "[::]:9090", Verdict.Undetermined)]
    [InlineData("fe80::99", "eth0", "[fe80::99]:8080", Verdict.Blocked)]
    [InlineData("fe80::98", "eth0", "[fe80::99]:8080", Verdict.Undetermined)]
    [InlineData("0.0.0.0", "eth0", "0.0.0.0:8080", Verdict.Blocked)]
    [InlineData("0.0.0.0", "eth0", "0.0.0.0:9090", Verdict.Undetermined)]
    public void AnAddressOrInterfaceThatNoCensusShowsIsNotKnownToBeMissing(string asked, string? link, string held, Verdict verdict)
    {
        Assert.True(IpAddress.TryParse(asked, out var address));
        var target = new Target { Text = asked, Protocol = Protocol.Tcp, Port = 8080, Host = asked, Address = address, Scope = address.IsLinkLocal ? link : null };
        var options = new Bindwise.Model.Targets.ProgramOptions { Device = address.IsLinkLocal ? null : link };
        var sight = new RecordedMoment.Sight(Start, [new CensusRow(Protocol.Tcp, held, "LISTEN", 1, 5, "srv", 0)], 0, 0);
        var diagnosis = RecordedDiagnosis.Of(target, options, new TargetMatch(null, 8080, [address], null), sight, Start);
        Assert.Equal(verdict, diagnosis.Verdict);
        Assert.Equal(verdict == Verdict.Undetermined, diagnosis.Summary.EndsWith(
            "could be bound then is not known: the record shows nothing in the way, but not which addresses and interfaces this host had.", StringComparison.Ordinal));
        Assert.DoesNotContain("does not exist", string.Join(' ', diagnosis.Why), StringComparison.Ordinal);
        Assert.DoesNotContain(diagnosis.Limits, static limit => limit.Text.Contains("old socket", StringComparison.Ordinal));
    }

    // A probe would ask the host of today; the record keeps no descriptors.
    [Fact]
    public void AnOpenAnswerLeadsToNoProbe_AndTellsNoDescriptor()
    {
        var row = new CensusRow(Protocol.Tcp, "127.0.0.1:9001", "BOUND", 1, 5, "srv", 0);
        var target = new Target { Text = "9001", Protocol = Protocol.Tcp, Port = 9001 };
        var diagnosis = RecordedDiagnosis.Of(target, new Bindwise.Model.Targets.ProgramOptions(), new TargetMatch(null, 9001, [], null), new RecordedMoment.Sight(Start, [row], 0, 0), Start);
        Assert.Equal(Verdict.Undetermined, diagnosis.Verdict);
        Assert.DoesNotContain(diagnosis.Remedies, static remedy => remedy.Id == "ask-with-probe");
        Assert.EndsWith("Servers that did not set SO_REUSEADDR could not start; whether others could is not known.", diagnosis.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("probe", string.Join(' ', [diagnosis.Summary, .. diagnosis.Why, .. diagnosis.Limits.Select(static limit => limit.Text)]), StringComparison.Ordinal);
        Assert.Empty(Assert.Single(Assert.Single(diagnosis.Blockers).Owners).Descriptors);
    }

    // Who was bound to a path had its file; whether one is there without a server, no census tells.
    [Fact]
    public void APathIsAnsweredFromWhoWasBoundToIt()
    {
        var row = new CensusRow(Protocol.Unix, "/run/app.sock", "LISTEN", 1, 5, "srv", 0);
        foreach (var (path, isBound) in new[] { ("/run/app.sock", true), ("/run/other.sock", false) })
        {
            var target = new Target { Text = path, Protocol = Protocol.Unix, Path = path };
            var diagnosis = RecordedDiagnosis.Of(target, new Bindwise.Model.Targets.ProgramOptions(), new TargetMatch(null, null, [], path), new RecordedMoment.Sight(Start, [row], 0, 0), Start);
            Assert.Equal(isBound ? Verdict.Blocked : Verdict.Undetermined, diagnosis.Verdict);
            Assert.Equal(isBound, diagnosis.Summary.Contains("srv (pid 5) is bound to it", StringComparison.Ordinal));
            Assert.Empty(diagnosis.Warnings);
            Assert.Equal(isBound, !diagnosis.Remedies.IsEmpty);
        }
    }

    // Of a time that names a second, all of that second is the moment.
    [Theory]
    [InlineData(0, 0, "at that moment;")]
    [InlineData(0, 992, "at that moment;")]
    [InlineData(0, 1500, "0.5 s after that moment;")]
    [InlineData(0, -500, "0.5 s before that moment;")]
    [InlineData(100, 992, "0.892 s after that moment;")]
    public void HowFarARecordedSightIsFromTheMoment(int atMilliseconds, int seenMilliseconds, string told)
    {
        var sight = new RecordedMoment.Sight(Start.AddMilliseconds(seenMilliseconds), [], 0, 0);
        var diagnosis = RecordedDiagnosis.Of(new Target { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 }, new Bindwise.Model.Targets.ProgramOptions(),
            new TargetMatch(null, 8080, [], null), sight, Start.AddMilliseconds(atMilliseconds));
        Assert.StartsWith($"From the record: bindwise record saw this {told}", diagnosis.Limits[0].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("live.py", 1)]
    [InlineData("python3", 1)]
    [InlineData("8084", 0)]
    public void AProgramIsFoundByItsScriptToo(string name, int found)
    {
        using (var recorder = Record())
        {
            recorder.Start();
            recorder.Happened(Failure(1) with { Program = "python3", Command = "/usr/bin/python3 -B /srv/live.py 8084" });
            recorder.Stop();
        }
        using var archive = Open();
        Assert.Equal(found, archive.Find(new HistoryQuery { Program = name, IsFailedOnly = true }).Count());
    }

    // Its answer is that of a container, as is who was in the way there.
    [Fact]
    public void AFailureInAnotherNamespaceIsNoAnswerForThisOne()
    {
        Directory.CreateDirectory(_path);
        var failure = Failure(1) with { Time = Start.AddSeconds(1), Address = "0.0.0.0:8080", Diagnosis = Free };
        var match = new TargetMatch(null, 8080, [], null);
        foreach (var where in (string?[])[null, PortEventWords.Elsewhere])
        {
            Write("20261124T031200000Z.jsonl", Line(Start, new CensusFacts([], [])) + EventJson.Render(failure with { Reason = where }) + "\n");
            using var archive = Open();
            Assert.Equal(where is null, MomentFinder.Find(archive, match, Start.AddSeconds(1)) is RecordedMoment.Failure);
        }
    }

    // A database's port elsewhere is not this host's.
    [Theory]
    [InlineData(PortEventCall.Bind, false)]
    [InlineData(PortEventCall.Connect, true)]
    public void AFailedConnectAnswersForItsDestinationAlone(PortEventCall call, bool isDestination)
    {
        Directory.CreateDirectory(_path);
        var failure = Failure(1) with { Time = Start.AddSeconds(1), Address = "10.0.0.1:8080", Call = call, Diagnosis = Free };
        Write("20261124T031200000Z.jsonl", Line(Start, new CensusFacts([], [])) + EventJson.Render(failure) + "\n");
        using var archive = Open();
        foreach (var asked in (bool[])[isDestination, !isDestination])
        {
            var found = MomentFinder.Find(archive, new TargetMatch(null, 8080, [], null) { IsDestination = asked }, Start.AddSeconds(1));
            Assert.Equal(asked == isDestination, found is RecordedMoment.Failure);
        }
    }

    // Another address may have been free, and failed for another reason if not.
    [Theory]
    [InlineData("127.0.0.1", null)]
    [InlineData("::1", "[::1]:8080")]
    [InlineData("0.0.0.0", null)]
    [InlineData("192.0.2.2", "[::ffff:192.0.2.2]:8080")]
    [InlineData(null, "[::]:8080")]
    public void AFailureAnswersForItsOwnAddress(string? asked, string? answers)
    {
        Directory.CreateDirectory(_path);
        var failure = Failure(1) with { Diagnosis = Free };
        Write("20261124T031200000Z.jsonl", Line(Start, new CensusFacts([], [])) + string.Concat(
            new[] { ("[::]:8080", 900), ("[::1]:8080", 800), ("192.0.2.1:8080", 1000), ("[::ffff:192.0.2.2]:8080", 700) }.Select(one =>
                EventJson.Render(failure with { Address = one.Item1, Time = Start.AddMilliseconds(one.Item2) }) + "\n")));
        using var archive = Open();
        ImmutableArray<IpAddress> addresses = IpAddress.TryParse(asked, out var address) ? [address] : [];
        var found = MomentFinder.Find(archive, new TargetMatch(null, 8080, addresses, null), Start.AddSeconds(1));
        Assert.Equal(answers, (found as RecordedMoment.Failure)?.Event.Address);
    }

    // As of the 21st of a storm, or of a process that has ended.
    [Fact]
    public void AFailureWithoutADiagnosisIsNoFreePort()
    {
        Directory.CreateDirectory(_path);
        var match = new TargetMatch(null, 8080, [], null);
        var target = new Target { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 };
        var failure = Failure(1) with { Time = Start.AddSeconds(1), Address = "0.0.0.0:8080", Diagnosis = null, Limits = ["one", "there are too many"] };

        var found = Assert.IsType<RecordedMoment.Failure>(FindWith(failure));
        var (diagnosis, document) = RecordedDiagnosis.Of(target, found.Event, found.Document, Start.AddSeconds(1));
        Assert.Null(document);
        Assert.Equal((Verdict.Undetermined, Start.AddSeconds(1)), (diagnosis.Verdict, diagnosis.TakenAt));
        Assert.Equal("bind() of 0.0.0.0:8080 failed then (EADDRINUSE), and the reason is not known: there are too many.", diagnosis.Summary);
        Assert.Equal("from-record", Assert.Single(diagnosis.Limits).Id);

        var explained = failure with { Time = failure.Time.AddMilliseconds(-300), ProcessId = 99, Diagnosis = Free };
        Assert.Equal(99, Assert.IsType<RecordedMoment.Failure>(FindWith(explained, failure)).Event.ProcessId);
        foreach (var other in (PortEvent[])[explained with { Result = "EACCES" }, explained with { Address = "127.0.0.1:8080" }])
            Assert.Null(Assert.IsType<RecordedMoment.Failure>(FindWith(other, failure)).Document);

        // The call itself was wrong, or it may be SCTP's: neither says anything of the port.
        Assert.IsType<RecordedMoment.Sight>(FindWith(failure with { Summary = "this socket is bound already" }));
        Assert.IsType<RecordedMoment.Sight>(FindWith(failure with { Protocol = null }));

        RecordedMoment? FindWith(params PortEvent[] failures)
        {
            Write("20261124T031200000Z.jsonl", Line(Start, new CensusFacts([], []))
                + string.Concat(failures.Select(static one => EventJson.Render(one) + "\n")));
            using var archive = Open();
            return MomentFinder.Find(archive, match, Start.AddSeconds(1));
        }
    }

    [Fact]
    public void AFailureWithoutADiagnosisIsListedWithWhyThereIsNone()
    {
        var failure = Failure(1) with { Summary = null, Diagnosis = null, Limits = ["its command line is not known", "there are too many"] };
        Assert.EndsWith("EADDRINUSE: there are too many", Assert.Single(HistoryText.Render([failure], TimeZoneInfo.Utc, null)).ToString(), StringComparison.Ordinal);
    }

    // As JSON has it: quoted, a title that a process wrote over its arguments, and one that is cut.
    [Theory]
    [InlineData("/usr/bin/python3 'my dir/srv x.py' --name 'it'\\''s'", "/usr/bin/python3|my dir/srv x.py|--name|it's")]
    [InlineData("postgres: it's 'idle", "postgres: it's 'idle")]
    [InlineData("java -cp 'a b…", "java -cp 'a b…")]
    public void ARecordedCommandLineHasItsArguments(string command, string arguments)
    {
        var owner = new Owner { Process = new ProcessRecord { Id = 5, Arguments = [.. arguments.Split('|')] }, Descriptors = [], Role = OwnerRole.Holder };
        var made = Free with
        {
            Blockers = [new Blocker { Rule = Bindwise.Diagnostics.RuleBook.All[0], Owners = [owner], Socket = new HeldSocket { Protocol = Protocol.Tcp, State = TcpSocketState.Listen } }],
        };
        var document = DiagnosisJson.Render(made);
        Assert.Equal(command, System.Text.Json.Nodes.JsonNode.Parse(document)!["blockers"]![0]!["owners"]![0]!["command"]!.GetValue<string>());
        var read = DiagnosisReader.Read(Encoding.UTF8.GetBytes(document), made.Target)!;
        Assert.Equal(arguments.Split('|'), Assert.Single(Assert.Single(read.Blockers).Owners).Process.Arguments);
    }

    [Fact]
    public void AClosedSegmentThatWasEmptiedIsTold()
    {
        using (var recorder = Record())
            recorder.Stop();
        var emptied = Assert.Single(Directory.GetFiles(_path, "*.jsonl.gz"));
        File.WriteAllText(emptied, "");
        using var archive = Open();
        Assert.Empty(archive.Find(new HistoryQuery()));
        Assert.Equal($"{Path.GetFileName(emptied)} in {_path} is empty: what it held is lost", Assert.Single(archive.Notes()));
    }

    [Fact]
    public void WhatCannotBeReadIsToldOnce()
    {
        using (var recorder = Record())
            recorder.Stop();
        File.CreateSymbolicLink(Path.Combine(_path, "20260104T000000000Z.jsonl"), "/etc/passwd");
        using var archive = Open();
        for (var round = 0; round < 3; round++)
        {
            _ = archive.Find(new HistoryQuery());
            _ = MomentFinder.SocketsAt(archive, Start);
        }
        Assert.Single(archive.Notes());
    }

    // As logrotate does, which may also make an empty file of the same name.
    [Theory]
    [InlineData("rm")]
    [InlineData("mv")]
    [InlineData("create")]
    public void WhoseFilesAreRemovedGoesOnInNewOnesAndSaysSo(string how)
    {
        var time = new Clock();
        using var recorder = HostRecorder.Open(_path, new RecordLimits(null, null), time, _told.Add, null, out _)!;
        recorder.Start();
        recorder.Happened(Failure(1));
        foreach (var file in Directory.GetFiles(_path))
        {
            if (how == "rm")
                File.Delete(file);
            else
                File.Move(file, Path.Combine(Path.GetDirectoryName(_path)!, Path.GetFileName(file)));
            if (how == "create")
                File.WriteAllText(file, "");
        }
        time.Now += TimeSpan.FromSeconds(60);
        recorder.CensusRead(new HostCensus { TakenAt = time.Now });
        recorder.Happened(Failure(2));
        Assert.EndsWith($"is no longer in {_path}: recording goes on in a new file", Assert.Single(_told), StringComparison.Ordinal);
        Assert.Null(HostRecorder.Open(_path, new RecordLimits(null, null), time, _told.Add, null, out var fault));
        Assert.Equal("another recorder writes there", fault);
        recorder.Stop();
        Assert.Single(_told);
        using var archive = Open();
        var gaps = new List<RecordGap>();
        _ = archive.FirstOf(new HistoryQuery(), gaps, default);
        Assert.Equal([PortEventKind.Lost, PortEventKind.BindFailed, PortEventKind.RecorderStopped], archive.Find(new HistoryQuery()).Select(static item => item.Event.Kind));
        Assert.True(Assert.Single(gaps).IsLoss);
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(true, "/")]
    public void WhoseDirectoryIsRemovedMakesItAgainAndSaysSoWhenAFileIsThere(bool isMoved, string slash)
    {
        var time = new Clock();
        using var recorder = HostRecorder.Open(_path + slash, new RecordLimits(null, null), time, _told.Add, null, out _)!;
        recorder.Start();
        if (isMoved)
            Directory.Move(_path, _path + ".old");
        else
            Directory.Delete(_path, recursive: true);
        time.Now += TimeSpan.FromSeconds(60);
        recorder.CensusRead(new HostCensus { TakenAt = time.Now });
        recorder.Happened(Failure(2));
        Assert.EndsWith($"is no longer in {_path + slash}: recording goes on in a new file", Assert.Single(_told), StringComparison.Ordinal);
        Assert.Null(HostRecorder.Open(_path, new RecordLimits(null, null), time, _told.Add, null, out var fault));
        Assert.Equal("another recorder writes there", fault);
        using var archive = Open();
        Assert.Equal([3], archive.Find(new HistoryQuery { IsFailedOnly = true }).Select(static item => item.Event.ProcessId));
    }

    // Before the next census: with a segment that is closed, it would be forgotten how much stood in it.
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 20)]
    [InlineData(true, 20)]
    public void WhoseDirectoryIsRemovedBeforeTheSegmentEndsSaysSo(bool isMoved, int failures)
    {
        var limits = new RecordLimits(null, null) { SegmentBytes = 2000 };
        using var recorder = HostRecorder.Open(_path, limits, new Clock(), _told.Add, null, out _)!;
        recorder.Start();
        recorder.Happened(Failure(1));
        if (isMoved)
            Directory.Move(_path, _path + ".old");
        else
            Directory.Delete(_path, recursive: true);
        for (var count = 0; count < failures; count++)
            recorder.Happened(Failure(count));
        recorder.Stop();
        Assert.EndsWith($"is no longer in {_path}: recording goes on in a new file", Assert.Single(_told), StringComparison.Ordinal);
        using var archive = Open();
        var kept = archive.Find(new HistoryQuery()).Select(static item => item.Event).ToList();
        Assert.Equal((PortEventKind.Lost, 1), (kept[0].Kind, kept[0].Count));
        Assert.Equal(failures, kept.Count(static one => one.Kind == PortEventKind.BindFailed));
    }

    [Fact]
    public void WhoseDirectoryIsReachedByALinkLosesNothing()
    {
        var link = _path + ".link";
        Directory.CreateDirectory(_path);
        Directory.CreateSymbolicLink(link, _path);
        var time = new Clock();
        using var recorder = HostRecorder.Open(link, new RecordLimits(null, null), time, _told.Add, null, out _)!;
        recorder.Start();
        time.Now += TimeSpan.FromSeconds(60);
        recorder.CensusRead(new HostCensus { TakenAt = time.Now });
        Assert.Empty(_told);
        using var archive = Open();
        Assert.DoesNotContain(archive.Find(new HistoryQuery()), static item => item.Event.Kind == PortEventKind.Lost);
    }

    // A file stands where the directory would: it is told once, and tried again at each census.
    [Fact]
    public void WhoseDirectoryCannotBeMadeAgainSaysSoOnceAndGoesOnWhenItCan()
    {
        var time = new Clock();
        using var recorder = HostRecorder.Open(_path, new RecordLimits(null, null), time, _told.Add, null, out _)!;
        recorder.Start();
        Directory.Delete(_path, recursive: true);
        File.WriteAllText(_path, "");
        for (var look = 0; look < 3; look++)
        {
            time.Now += TimeSpan.FromSeconds(60);
            recorder.CensusRead(new HostCensus { TakenAt = time.Now });
            recorder.Happened(Failure(look));
        }
        Assert.Equal(2, _told.Count);
        Assert.StartsWith($"the directory {_path} was removed or moved, and cannot be made again: ", _told[0], StringComparison.Ordinal);
        Assert.StartsWith($"cannot write to {_path}: ", _told[1], StringComparison.Ordinal);
        File.Delete(_path);
        for (var look = 0; look < 2; look++)
        {
            time.Now += TimeSpan.FromSeconds(10);
            recorder.CensusRead(new HostCensus { TakenAt = time.Now });
        }
        Assert.EndsWith($"is no longer in {_path}: recording goes on in a new file", _told[2], StringComparison.Ordinal);
        using var archive = Open();
        Assert.Equal(3, Assert.Single(archive.Find(new HistoryQuery()), static item => item.Event.Kind == PortEventKind.Lost).Event.Count);
    }

    [Fact]
    public void AnEventIsReadBackAsItWasWritten()
    {
        var event1 = Failure(5) with
        {
            PreviousProcessId = 3,
            Program = "a\u001b\"b",
            Command = "/usr/bin/a ü",
            UserId = 1000,
            NetworkNamespace = 4026531840,
            Cgroup = "/x",
            Options = ["SO_REUSEADDR"],
            Cause = "listener",
            Summary = "taken",
            Reason = "r",
            Count = 9,
            LastTime = Start.AddSeconds(6),
            Limits = ["one", "two"],
        };
        Assert.Equal(LineKind.Event, EventReader.Read(Encoding.UTF8.GetBytes(EventJson.Render(event1)), out var read, out var document));
        Assert.Equal(event1, read);
        Assert.Equal(default, document);
    }

    [Theory]
    [InlineData("03:12", "2026-11-24T03:12:00Z")]
    [InlineData("13:12:05", "2026-11-23T13:12:05Z")]
    [InlineData("90s", "2026-11-24T11:58:30Z")]
    [InlineData("now", "2026-11-24T12:00:00Z")]
    [InlineData("3d", "2026-11-21T12:00:00Z")]
    [InlineData("2026-11-01T03:12:07", "2026-11-01T03:12:07Z")]
    [InlineData("2026-11-01T03:12:07.5+02:00", "2026-11-01T01:12:07.5Z")]
    [InlineData("25:00", null)]
    [InlineData("soon", null)]
    [InlineData("4000000d", null)]
    [InlineData("2147483647d", null)]
    public void TimesAreReadAsPeopleTypeThem(string text, string? expected) => Assert.Equal(
        expected is null ? null : DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture),
        MomentText.Read(text, new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero), TimeZoneInfo.Utc));

    [Theory]
    [InlineData("2026-11-24T19:30:22Z", "2026-11-24T19:30:22.9999999Z")]
    [InlineData("2026-11-24T19:30:22.4Z", "2026-11-24T19:30:22.4Z")]
    [InlineData("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.9999999Z")]
    public void MomentOfWholeSeconds_EndsWithItsSecond(string time, string end) => Assert.Equal(
        DateTimeOffset.Parse(end, CultureInfo.InvariantCulture), MomentText.EndOf(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture)));

    // 02:00 to 03:00 of 25 October comes twice; what is shown there is read as that very moment.
    [Theory]
    [InlineData("2026-10-25T00:30:00Z", "2026-10-25 02:30:00+02:00")]
    [InlineData("2026-10-25T01:30:00Z", "2026-10-25 02:30:00+01:00")]
    [InlineData("2026-10-25T02:30:00Z", "2026-10-25 03:30:00")]
    [InlineData("2026-07-25T02:30:00Z", "2026-07-25 04:30:00")]
    public void TimesThatComeTwice_AreShownWithTheirOffset_AndReadSo(string time, string shown)
    {
        var zone = ZoneWithSummerTime();
        var moment = DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
        Assert.Equal(shown, Bindwise.Rendering.History.HistoryText.Moment(moment, zone));
        Assert.Equal(moment, MomentText.Read(shown, Start.AddYears(1), zone));
    }

    // The most recent one: in the first of the two hours the first, and not yesterday's.
    [Theory]
    [InlineData("02:30", "2026-10-25T00:40:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("02:50", "2026-10-25T00:40:00Z", "2026-10-24T00:50:00Z")]
    [InlineData("02:30", "2026-10-25T01:20:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("02:30", "2026-10-25T01:40:00Z", "2026-10-25T01:30:00Z")]
    [InlineData("02:30", "2026-10-25T09:00:00Z", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25 02:30", "2026-10-25T00:40:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("2026-10-25 02:30", "2026-10-24T00:00:00Z", "2026-10-25T01:30:00Z")]
    public void TimesThatComeTwice_AreTheLatestThatIsOver(string text, string now, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture),
            MomentText.Read(text, DateTimeOffset.Parse(now, CultureInfo.InvariantCulture), ZoneWithSummerTime()));

    // Their first and last hours are in no calendar in UTC.
    [Theory]
    [InlineData("0001-01-01", 14, false)]
    [InlineData("0001-01-01 13:59:59", 14, false)]
    [InlineData("0001-01-01 14:00", 14, true)]
    [InlineData("0001-01-01", -5, true)]
    [InlineData("9999-12-31T23:59:59", -5, false)]
    [InlineData("9999-12-31T18:59:59", -5, true)]
    [InlineData("9999-12-31T23:59:59", 14, true)]
    [InlineData("0001-01-01T00:00Z", -5, true)]
    [InlineData("9999-12-31T23:59:59.9999999Z", 14, true)]
    [InlineData("0001-01-01T00:00+14:00", 0, false)]
    public void TimesAtTheCalendarsEnds_AreReadOrAreNone(string text, int hours, bool isOne)
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(hours), null, null);
        Assert.Equal(isOne, MomentText.Read(text, new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero), zone) is not null);
    }

    [Theory]
    [InlineData("12:30", "2026-11-24T12:30:00Z")]
    [InlineData("11:30", "2026-11-24T11:30:00Z")]
    [InlineData("10:00", "2026-11-25T10:00:00Z")]
    [InlineData("3h", "2026-11-24T09:00:00Z")]
    public void MomentEnd_OfATimeOfDay_IsNotBeforeTheBeginning(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), MomentText.ReadEnd(text,
            new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero), TimeZoneInfo.Utc,
            new DateTimeOffset(2026, 11, 24, 11, 0, 0, TimeSpan.Zero)));

    [Fact]
    public void TheJournalGetsFieldsAndAValueWithALineFeedByItsLength()
    {
        var message = Encoding.Latin1.GetString(JournalSocket.Message(Failure(1) with
        {
            Program = "evil\nPRIORITY=0",
            Cause = "listener"
        }));
        Assert.Contains("BINDWISE_ADDRESS=0.0.0.0:8080\n", message, StringComparison.Ordinal);
        Assert.Contains("BINDWISE_CAUSE=listener\n", message, StringComparison.Ordinal);
        Assert.Contains("BINDWISE_PROGRAM\n\u000f\0\0\0\0\0\0\0evil\nPRIORITY=0\n", message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheJournalIsToldOfEachFailureByItsSocket()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var at = Path.Combine(Path.GetDirectoryName(_path)!, "journal");
        using var journald = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        journald.Bind(new UnixDomainSocketEndPoint(at));
        using (var recorder = HostRecorder.Open(_path, new RecordLimits(null, null), TimeProvider.System, _told.Add, JournalSocket.Open(at), out _))
        {
            recorder!.Start();
            recorder.Happened(Failure(1) with { Cause = "listener", Program = "a b", UserId = 33, Count = 9, Summary = "taken" });
            recorder.Happened(Failure(2) with { Kind = PortEventKind.Closed });
            recorder.Stop();
        }
        var room = new byte[8192];
        var fields = Encoding.UTF8.GetString(room, 0, journald.Receive(room)).Split('\n');
        Assert.Equal(["MESSAGE=bind() of a b (pid 2) to 0.0.0.0:8080 failed: EADDRINUSE: taken", "PRIORITY=4", "SYSLOG_IDENTIFIER=bindwise",
            "BINDWISE_EVENT=bind-failed", "BINDWISE_ADDRESS=0.0.0.0:8080", "BINDWISE_RESULT=EADDRINUSE", "BINDWISE_CAUSE=listener", "BINDWISE_PID=2",
            "BINDWISE_PROGRAM=a b", "BINDWISE_USER_ID=33", "BINDWISE_COUNT=9", ""], fields);
        // What does not fail is not told.
        Assert.Equal(0, journald.Available);
    }

    [Fact]
    public void AJournalThatIsGoneOrFullStopsNobody()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var at = Path.Combine(Path.GetDirectoryName(_path)!, "journal");
        using var journald = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        journald.Bind(new UnixDomainSocketEndPoint(at));
        using var recorder = HostRecorder.Open(_path, new RecordLimits(null, null), TimeProvider.System, _told.Add, JournalSocket.Open(at), out _);
        recorder!.Start();
        // Nobody reads: its queue is full after some.
        for (var count = 0; count < 2000; count++)
            recorder.Happened(Failure(count));
        journald.Dispose();
        recorder.Happened(Failure(2000));
        recorder.Stop();
        using var archive = Open();
        Assert.Equal(2001, archive.Find(new HistoryQuery { IsFailedOnly = true }).Count());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(Path.GetDirectoryName(_path)))
            Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
    }

    // As Berlin's.
    private static TimeZoneInfo ZoneWithSummerTime()
    {
        TimeZoneInfo.TransitionTime At(int hour, int month) => TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, hour, 0, 0), month, 5, DayOfWeek.Sunday);
        var summer = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1), At(2, 3), At(3, 10));
        return TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(1), null, null, null, [summer]);
    }

    private static CensusFacts? Nginx { get; } = new([new CensusRow(Protocol.Tcp, "0.0.0.0:8080", "LISTEN", 1, 42, "nginx", 0)], [("LISTEN", 1)]);

    private static HistoryQuery Of(ushort port) => new() { Targets = [new TargetMatch(null, port, [], null)] };

    private static CensusRow Row(ushort port, int pid) => new(Protocol.Tcp, $"0.0.0.0:{port}", "LISTEN", 1, pid, "python3", 0);

    private static CensusSocket Server(int pid) => new(new HeldSocket
    {
        Protocol = Protocol.Tcp,
        State = TcpSocketState.Listen,
        Local = new IpEndpoint(IpAddress.AnyIPv4, 8080),
        Cookie = (ulong)pid,
    }, new CensusHolder(pid, "python3", 0));

    private static Diagnosis Free { get; } = new()
    {
        Target = new Target { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 },
        Verdict = Verdict.Free,
        Cause = Cause.Free,
        Summary = "free",
    };

    private static string Line(DateTimeOffset time, CensusFacts? facts)
    {
        var line = new System.Buffers.ArrayBufferWriter<byte>();
        Assert.Null(CensusJson.Write(line, time, facts, CensusPart.Beginning));
        return Encoding.UTF8.GetString(line.WrittenSpan) + "\n";
    }

    private static PortEvent Failure(int number) => new()
    {
        Time = Start.AddSeconds(number),
        Kind = PortEventKind.BindFailed,
        Protocol = Protocol.Tcp,
        Call = PortEventCall.Bind,
        Address = "0.0.0.0:8080",
        Result = "EADDRINUSE",
        ProcessId = number + 1,
    };

    private HostRecorder Record()
    {
        var recorder = HostRecorder.Open(_path, new RecordLimits(null, null), TimeProvider.System, _told.Add, null, out var fault);
        Assert.Null(fault);
        recorder!.Start();
        return recorder;
    }

    private RecordArchive Open()
    {
        var archive = RecordArchive.Open(_path, out _, out var fault);
        Assert.Null(fault);
        return archive!;
    }

    /// <summary>Is set by hand.</summary>
    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Start;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => Now.UtcTicks;
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_path, name), text);
}
