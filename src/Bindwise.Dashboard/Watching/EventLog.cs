using System.Buffers;
using Bindwise.Rendering.Json;

namespace Bindwise.Dashboard.Watching;

/// <summary>
/// The last events as server-sent events, each with an id. Clients read them at their own pace, and own nothing here but their place: who
/// falls behind what is kept is told so. Thread-safe.
/// </summary>
internal sealed class EventLog
{
    public const int Kept = 2048;

    /// <summary>So many bytes are kept at most: events with a diagnosis have some kilobytes.</summary>
    internal const long MostBytes = 16 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _frames = new();
    private readonly ArrayBufferWriter<byte> _frame = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;
    private long _next = 1;

    // Ids of another run of the server are none of this one's.
    private readonly string _run = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);

    public long End
    {
        get
        {
            lock (_gate)
                return _next;
        }
    }

    /// <summary>Keeps an event, and wakes who waits for one.</summary>
    public void Add(PortEvent happened)
    {
        TaskCompletionSource waited;
        lock (_gate)
        {
            _frame.ResetWrittenCount();
            _frame.Write(Encoding.UTF8.GetBytes($"id: {IdOf(_next)}\nevent: {PortEventWords.Of(happened.Kind)}\ndata: "));
            EventJson.Write(_frame, happened);
            _frame.Write("\n\n"u8);
            _frames.Enqueue(_frame.WrittenSpan.ToArray());
            _bytes += _frame.WrittenCount;
            while (_frames.Count > Kept || _bytes > MostBytes)
                _bytes -= _frames.Dequeue().Length;
            _next++;
            (waited, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        waited.TrySetResult();
    }

    /// <summary>The place after the event with an id; null where that event is of another run, or no longer kept.</summary>
    public long? PlaceAfter(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0 || !id.AsSpan(0, dash).SequenceEqual(_run)
            || !long.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        lock (_gate)
            return number >= _next - 1 - _frames.Count && number < _next ? number + 1 : null;
    }

    /// <summary>
    /// An id alone, which is no event: a client whose connection breaks before its first event goes on from where it began.
    /// </summary>
    public byte[] Beginning(long place) => Encoding.UTF8.GetBytes($"id: {IdOf(place - 1)}\n\n");

    /// <summary>What stands at a place and after it, for a client that reads on from there.</summary>
    /// <param name="place">The client's place; it becomes the one after what is returned.</param>
    /// <param name="more">Is done when there is more than what is returned.</param>
    /// <returns>The events; they begin with a reset where some between the place and them are lost.</returns>
    public List<byte[]> Read(ref long? place, int most, out Task more)
    {
        lock (_gate)
        {
            var oldest = _next - _frames.Count;
            var frames = new List<byte[]>();
            if (place is not { } from || from < oldest)
            {
                frames.Add(Encoding.UTF8.GetBytes($"id: {IdOf(oldest - 1)}\nevent: reset\ndata: {{}}\n\n"));
                from = oldest;
            }
            frames.AddRange(_frames.Skip((int)(from - oldest)).Take(most));
            place = Math.Min(_next, from + most);
            more = place < _next ? Task.CompletedTask : _more.Task;
            return frames;
        }
    }

    private string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{_run}-{number}");
}
