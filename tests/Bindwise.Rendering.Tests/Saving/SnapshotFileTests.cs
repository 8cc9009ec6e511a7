using System.Text;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Inspecting;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Saving;
using Bindwise.Rendering.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Rendering.Tests.Saving;

[Trait("Seed", "any")]
public class SnapshotFileTests
{
    private static readonly SnapshotFile Small = new(
        ProgramOptions.None with { ReuseAddress = true },
        [new SnapshotEntry(new Target { Text = "8080", Protocol = Protocol.Tcp, Port = 8080 }, new Snapshot { TakenAt = Samples.TakenAt })]);

    [Fact]
    public void Read_WhatWasWritten_IsTheSameToTheLastField() =>
        Prop.ForAll(AnySnapshot.Of<SnapshotFile>().ToArbitrary(), file =>
        {
            var read = SnapshotFile.Read(Write(file));
            Assert.Null(read.Error);
            var difference = AnySnapshot.Difference(file, read.Value);
            Assert.True(difference is null, difference);
        }).Check(Seed.Config.WithMaxTest(200));

    [Fact]
    [Trait("Lane", "second")]
    public void Read_AnySnapshot_CanBeDiagnosedAndShownOrIsRefused() =>
        Prop.ForAll(AnySnapshot.Of<SnapshotFile>().ToArbitrary(), file =>
        {
            foreach (var entry in file.Entries)
            {
                if (Diagnose(file.Options, entry) is not { } diagnosis)
                    continue;
                Assert.NotEmpty(DiagnosisText.Render(diagnosis, new TextOptions(80, Detail.Verbose)));
                Assert.StartsWith("{", DiagnosisJson.Render(diagnosis), StringComparison.Ordinal);
            }
        }).Check(Seed.Config.WithMaxTest(1000));

    [Fact]
    public void Difference_OneFieldOfDepthChanged_IsFound()
    {
        var other = Small with { Entries = [Small.Entries[0] with { Snapshot = Small.Entries[0].Snapshot with { Processes = [Samples.Node] } }] };
        var third = other with { Entries = [other.Entries[0] with { Snapshot = other.Entries[0].Snapshot with { Processes = [Samples.Node with { Arguments = ["node"] }] } }] };
        Assert.Null(AnySnapshot.Difference(Small, Small with { Entries = [.. Small.Entries] }));
        Assert.Equal(".Entries[0].Snapshot.Processes: 0 elements are not 1", AnySnapshot.Difference(Small, other));
        Assert.Equal(".Entries[0].Snapshot.Processes[0].Arguments: 2 elements are not 1", AnySnapshot.Difference(other, third));
    }

    [Theory]
    [InlineData("\"threadId\":null,\"isRegistered\":true", HoldingWay.IoUring)]
    [InlineData("\"threadId\":12,\"isRegistered\":false", HoldingWay.ThreadTable)]
    [InlineData("\"threadId\":null,\"isRegistered\":false", HoldingWay.Descriptor)]
    [InlineData("\"closeOnExec\":true", HoldingWay.Descriptor)]
    [InlineData("\"threadId\":12,\"way\":\"mapping\"", HoldingWay.Mapping)]
    internal void Read_HolderOfAnOlderFile_IsHeldInTheSameWay(string fields, HoldingWay way)
    {
        var holder = new Holder(7, 5, 3);
        var file = Small with { Entries = [Small.Entries[0] with { Snapshot = Small.Entries[0].Snapshot with { Holders = [holder] } }] };
        var text = Encoding.UTF8.GetString(Write(file));
        var start = text.IndexOf("\"closeOnExec\"", StringComparison.Ordinal);
        var end = text.IndexOf('}', start);
        var read = SnapshotFile.Read(Encoding.UTF8.GetBytes(text[..start] + fields + text[end..]));
        Assert.Null(read.Error);
        Assert.Equal(way, Assert.Single(read.Value!.Entries[0].Snapshot.Holders).Way);
    }

    [Fact]
    public void Write_File_IsOneHarmlessLine()
    {
        var bytes = Write(Small);
        Assert.Equal((byte)'\n', bytes[^1]);
        Assert.DoesNotContain((byte)'\n', bytes[..^1]);
        Assert.StartsWith("{\"schema\":\"bindwise.snapshot/1\",", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnyBytes_GivesAValueOrOneLine() =>
        Prop.ForAll<byte[]>(bytes => IsAnswer(SnapshotFile.Read(bytes))).Holds();

    [Fact]
    public void Read_CutOffAnywhere_SaysSoWithTheByte()
    {
        var bytes = Write(Small)[..^1];
        for (var length = 1; length < bytes.Length; length++)
        {
            var read = SnapshotFile.Read(bytes.AsSpan(0, length));
            Assert.Equal($"it is cut off (at byte {length})", read.Error);
        }
    }

    [Fact]
    public void Read_OneByteChangedAnywhere_NeverThrows() =>
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (place, value) =>
        {
            var bytes = Write(Small);
            bytes[place % bytes.Length] = (byte)value;
            return IsAnswer(SnapshotFile.Read(bytes));
        }).Check(Seed.Config.WithMaxTest(2000));

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("   ", "it is cut off (at byte 3)")]
    [InlineData("\u007fELF\u0002", "it is not JSON (at byte 0)")]
    [InlineData("[]", "an object was expected (at byte 0)")]
    [InlineData("{}", "the field schema is missing (at byte 0)")]
    [InlineData("""{"schema":"bindwise.diagnosis/1"}""", "the schema \"bindwise.snapshot/1\" was expected (at byte 10)")]
    [InlineData("""{"schema":"bindwise.snapshot/2"}""", "the schema \"bindwise.snapshot/1\" was expected (at byte 10)")]
    [InlineData("""{"schema":"bindwise.snapshot/1","options":{},"entries":[]} x""", "it is not JSON (at byte 59)")]
    [InlineData("""{"schema":"bindwise.snapshot/1","options":{},"options":{}}""", "the field options stands twice (at byte 45)")]
    [InlineData("""{"schema":"bindwise.snapshot/1","options":null,"entries":[]}""", "an object was expected (at byte 42)")]
    [InlineData("""{"schema":"bindwise.snapshot/1","options":{"device":7},"entries":[]}""", "a text was expected (at byte 52)")]
    [InlineData("""{"schema":"bindwise.snapshot/1","options":{"reusePort":0},"entries":[]}""", "true or false was expected (at byte 55)")]
    [InlineData("""{"schema":"bindwise.snapshot/1","options":{"device":"\ud800"},"entries":[]}""", "the text is not UTF-8 (at byte 52)")]
    [InlineData("""{"schema":"bindwise.snapshot/1","options":{},"entries":[null]}""", "an object was expected (at byte 56)")]
    public void Read_BadDocument_SaysWhatIsWrongAndWhere(string text, string error)
    {
        var read = SnapshotFile.Read(Encoding.UTF8.GetBytes(text));
        Assert.Equal(error, read.Error);
    }

    [Theory]
    [InlineData("\"port\":8080", "\"port\":70000", "a whole number of the kind UInt16 was expected")]
    [InlineData("\"port\":8080", "\"port\":80.5", "a whole number of the kind UInt16 was expected")]
    [InlineData("\"protocol\":\"tcp\"", "\"protocol\":\"sctp\"", "a protocol was expected")]
    [InlineData("\"sockets\":[]", "\"sockets\":[{\"protocol\":\"tcp\",\"state\":\"DREAMING\"}]", "a socket state was expected")]
    [InlineData("\"sockets\":[]", "\"sockets\":[{\"protocol\":\"tcp\"}]", "the field state is missing")]
    [InlineData("\"takenAt\":\"2026-", "\"takenAt\":\"0001-", "a time as 2026-07-01T14:02:31.0000000+02:00 was expected")]
    public void Read_BadValue_SaysWhatWasExpected(string good, string bad, string error)
    {
        var text = Encoding.UTF8.GetString(Write(Small));
        Assert.Contains(good, text, StringComparison.Ordinal);
        var read = SnapshotFile.Read(Encoding.UTF8.GetBytes(text.Replace(good, bad, StringComparison.Ordinal)));
        Assert.StartsWith(error, read.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FieldsOfAnotherVersion_SkipsNewOnesAndDefaultsMissingOnes()
    {
        var text = """
            {"schema":"bindwise.snapshot/1","new":{"a":[1,{"b":2}]},"options":{},
             "entries":[{"target":{"text":"80","protocol":"tcp"},"snapshot":{"takenAt":"2026-07-01T14:02:31.0000000+02:00","sockets":[],"settings":{}}}]}
            """;
        var snapshot = SnapshotFile.Read(Encoding.UTF8.GetBytes("\uFEFF" + text)).Value!.Entries[0].Snapshot;
        Assert.Null(AnySnapshot.Difference(new Snapshot { TakenAt = snapshot.TakenAt }, snapshot));
        Assert.True(snapshot.Settings.HasIPv6);
    }

    [Fact]
    public void Read_EndlessStream_StopsAtTheLimit()
    {
        using var zeros = new EndlessStream();
        Assert.Equal("it is larger than 64 MiB, which no snapshot is", SnapshotFile.Read(zeros).Error);
        Assert.InRange(zeros.BytesGiven, SnapshotFile.MaximumBytes, SnapshotFile.MaximumBytes + 1_000_000);
    }

    [Fact]
    public void Read_DeepNesting_IsRefused() =>
        Assert.False(SnapshotFile.Read(Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 100_000))).IsSuccess);

    // Null where the snapshot does not hold the names that the target uses.
    private static Diagnosis? Diagnose(ProgramOptions options, SnapshotEntry entry)
    {
        try
        {
            return Diagnoser.Diagnose(entry.Target, options, entry.Snapshot);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsAnswer(ParseResult<SnapshotFile> read) =>
        read.IsSuccess ? read.Value is not null : read.Error!.Length > 0 && !read.Error.Contains('\n', StringComparison.Ordinal);

    private static byte[] Write(SnapshotFile file)
    {
        using var stream = new MemoryStream();
        SnapshotFile.Write(stream, file);
        return stream.ToArray();
    }

    private sealed class EndlessStream : Stream
    {
        public long BytesGiven { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count)
        {
            Array.Clear(buffer, offset, count);
            BytesGiven += count;
            return count;
        }
    }
}
