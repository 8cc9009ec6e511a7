using System.Buffers;
using System.Text.Json.Nodes;
using Bindwise.Lab.Answering;
using Bindwise.Lab.Matrices;

namespace Bindwise.Lab.Tests;

/// <summary>What a page asks ends when nobody waits for its answer any more.</summary>
public class AnsweringTests
{
    private static readonly MatrixQuestion Large = new()
    {
        On = "all",
        Addresses = "all",
        Options = string.Join(',', Enumerable.Repeat("none,reuseaddr,reuseport,reuseaddr+reuseport/none", 5)),
    };

    [Fact]
    public void Document_CancelledWhileItIsWritten_Ends()
    {
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => CallAnswer.Document(output =>
        {
            output.Write("{"u8);
            source.Cancel();
            output.Write("}"u8);
        }, source.Token));
    }

    [Fact]
    public void Matrix_CancelledWhileItIsWritten_EndsBeforeTheNextPiece()
    {
        using var source = new CancellationTokenSource();
        var output = new CancellingOutput(source);
        Assert.Throws<OperationCanceledException>(() => CallAnswer.Document(bounded => RuleCalls.Matrix(output.Into(bounded), Large, null, source.Token), source.Token));
        // The writer's own end gives out what it still has.
        Assert.InRange(output.Pieces, 1, 2);
    }

    [Fact]
    public void Matrix_CancelledWhileItsCellsAreDecided_WritesNothing()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<OperationCanceledException>(() => RuleCalls.Matrix(output, Large, null, source.Token));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Why_OfManyAnswers_EndsAtTheNextOne()
    {
        var snapshot = JsonNode.Parse(Repository.Read("tests/Bindwise.Browser.Tests/Snapshots/close-wait.json"))!;
        var entries = snapshot["entries"]!.AsArray();
        for (var copy = 0; copy < 20; copy++)
            entries.Add(entries[0]!.DeepClone());
        var bytes = System.Text.Encoding.UTF8.GetBytes(snapshot.ToJsonString());
        var whole = new ArrayBufferWriter<byte>();
        SnapshotCalls.Why(whole, bytes, "snapshot", null, Detail.Normal, isJson: true);
        Assert.Equal(21, JsonNode.Parse(whole.WrittenSpan)!["text"]!.GetValue<string>().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => SnapshotCalls.Why(new ArrayBufferWriter<byte>(), bytes, "snapshot", null, Detail.Normal, isJson: true, source.Token));
    }

    [Fact]
    public void Trace_WithMoreLinesThanAPageShows_NamesTheLineOfItsStep()
    {
        // Three steps a line, after a line without one.
        var text = "# many\n" + string.Concat(Enumerable.Range(0, 300).Select(static index => $"s{index} = tcp 127.0.0.1:{2000 + index} listen\n"));
        var fault = Assert.Throws<BadInputException>(() =>
            ScenarioCalls.Trace(new ArrayBufferWriter<byte>(), System.Text.Encoding.UTF8.GetBytes(text), RuleCalls.Chosen(null, null)));
        var told = System.Text.RegularExpressions.Regex.Match(fault.Message, "^line ([0-9]+): step ([0-9]+): the trace has more than 40000 lines");
        Assert.True(told.Success, fault.Message);
        Assert.Equal(2 + (int.Parse(told.Groups[2].Value) / 3), int.Parse(told.Groups[1].Value));
    }

    /// <summary>Passes on what is written, and cancels with the first piece.</summary>
    private sealed class CancellingOutput(CancellationTokenSource source) : IBufferWriter<byte>
    {
        private IBufferWriter<byte>? _to;

        public int Pieces { get; private set; }

        public CancellingOutput Into(IBufferWriter<byte> to)
        {
            _to = to;
            return this;
        }

        public void Advance(int count)
        {
            Pieces++;
            source.Cancel();
            _to!.Advance(count);
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => _to!.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => _to!.GetSpan(sizeHint);
    }
}
