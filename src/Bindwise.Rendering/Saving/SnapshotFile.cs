using Bindwise.Model.Diagnosing;
using Bindwise.Model.Inspecting;
using Bindwise.Model.Targets;
using Bindwise.Model.Text;

namespace Bindwise.Rendering.Saving;

/// <summary>
/// What <c>--save-snapshot</c> writes and <c>--snapshot</c> reads: the questions and everything of the host that their answers stand on, as
/// one JSON document. It holds command lines and user names of processes.
/// </summary>
internal sealed record SnapshotFile(ProgramOptions Options, ImmutableArray<SnapshotEntry> Entries)
{
    public const string Schema = "bindwise.snapshot/1";

    /// <summary>A larger file is refused: 64 MiB.</summary>
    public const int MaximumBytes = 64 * 1024 * 1024;

    /// <summary>Writes the file as one line of UTF-8 JSON.</summary>
    /// <exception cref="IOException">The stream cannot take it.</exception>
    public static void Write(Stream output, SnapshotFile file)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
            SnapshotFormats.File.Write(writer, file);
        buffer.Write("\n"u8);
        output.Write(buffer.WrittenSpan);
    }

    /// <summary>
    /// Reads a file; a stream of any content gives a value or one line that says what is wrong with it and at which byte.
    /// </summary>
    /// <param name="input">Where from; at most <see cref="MaximumBytes"/> and one byte are read.</param>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static ParseResult<SnapshotFile> Read(Stream input)
    {
        using var content = new MemoryStream();
        var chunk = new byte[64 * 1024];
        for (int read; (read = input.Read(chunk, 0, chunk.Length)) > 0;)
        {
            content.Write(chunk, 0, read);
            if (content.Length > MaximumBytes)
                return new ParseResult<SnapshotFile>(null, "it is larger than 64 MiB, which no snapshot is");
        }
        return Read(content.GetBuffer().AsSpan(0, (int)content.Length));
    }

    /// <summary>Reads a document; any bytes give a value or one line that says what is wrong with them and at which byte.</summary>
    public static ParseResult<SnapshotFile> Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return new ParseResult<SnapshotFile>(null, "it is empty");
        var document = JsonBytes.WithoutMark(bytes);
        var start = bytes.Length - document.Length;
        var reader = new Utf8JsonReader(document);
        try
        {
            reader.Read();
            var file = SnapshotFormats.File.Read(ref reader);
            // Anything but blanks after the document throws here.
            reader.Read();
            return new ParseResult<SnapshotFile>(file);
        }
        catch (SnapshotFault fault)
        {
            return Failure(fault.Message, fault.Position + start);
        }
        catch (JsonException)
        {
            return JsonBytes.IsCutOff(document)
                ? Failure("it is cut off", bytes.Length)
                : Failure("it is not JSON", reader.BytesConsumed + start);
        }
    }

    public static string WhyNot(string name, string error) => $"{name} is not a snapshot: {error}";

    private static ParseResult<SnapshotFile> Failure(string what, long position) =>
        new(null, FormattableString.Invariant($"{what} (at byte {position})"), (int)position + 1);
}

/// <summary>Valid JSON that is no valid snapshot; caught where reading began.</summary>
internal sealed class SnapshotFault(string message, long position) : JsonException(message)
{
    /// <summary>The byte at which the faulty value begins, from 0.</summary>
    public long Position { get; } = position;
}

/// <summary>What is asked of a saved snapshot, and what it can answer.</summary>
/// <param name="requested">How the program binds, as it is told now: that goes before what was told when the snapshot was taken.</param>
/// <param name="showsSecrets">Passwords, tokens and keys as the file has them; it may have been saved unmasked.</param>
internal sealed class SnapshotQuery(SnapshotFile file, ProgramOptions requested, bool showsSecrets = false)
{
    public ProgramOptions Options { get; } = file.Options with
    {
        ReuseAddress = requested.ReuseAddress ?? file.Options.ReuseAddress,
        ReusePort = requested.ReusePort ?? file.Options.ReusePort,
        V6Only = requested.V6Only ?? file.Options.V6Only,
        Device = requested.Device ?? file.Options.Device,
        UnixType = requested.UnixType == 0 ? file.Options.UnixType : requested.UnixType,
    };

    /// <summary>Everything that was asked then, or what is asked now.</summary>
    /// <param name="targets">What is asked now; null for everything that was asked then.</param>
    public IEnumerable<SnapshotAnswer> Answers(IEnumerable<TypedTarget>? targets) => targets?.SelectMany(AnswersOf)
        ?? file.Entries.Select(entry => AnswerOf(entry, text: 0));

    private IEnumerable<SnapshotAnswer> AnswersOf(TypedTarget typed)
    {
        var answer = typed.Target is not { } target ? new SnapshotAnswer(null, null, typed.Error, typed.Text)
            : EntryOf(target) is { } entry ? AnswerOf(entry, typed.Text) : new SnapshotAnswer(null, null, NotHeld(target), typed.Text);
        yield return answer with { Note = typed.Note };
        if (answer.Diagnosis is { } diagnosis && PastedErrors.AsUdp(typed.Target!, diagnosis) is { } udp && EntryOf(udp) is { } other)
            yield return AnswerOf(other, typed.Text);
    }

    private SnapshotEntry? EntryOf(Target target) => file.Entries.FirstOrDefault(entry => IsSame(entry.Target, target));

    private SnapshotAnswer AnswerOf(SnapshotEntry entry, int text)
    {
        var shown = Shown(entry);
        return Diagnoser.CanDiagnose(shown.Target, Options, shown.Snapshot)
            ? new SnapshotAnswer(shown, PastAnswer.OfSnapshot(Diagnoser.Diagnose(shown.Target, Options, shown.Snapshot)), null, text)
            : new SnapshotAnswer(null, null, $"the snapshot does not hold what {shown.Target.Text} asks about", text);
    }

    private string NotHeld(Target target) =>
        $"the snapshot does not hold {target.Text}, only {string.Join(", ", file.Entries.Select(entry => Shown(entry).Target.Text))}";

    private SnapshotEntry Shown(SnapshotEntry entry) => showsSecrets ? entry : entry.Masked();

    // What was typed may differ (":8080", "8080"); what it means may not.
    private static bool IsSame(Target saved, Target asked) =>
        (saved.Protocol, saved.Host, saved.Scope, saved.Port, saved.Service, saved.Path, saved.Destination)
        == (asked.Protocol, asked.Host, asked.Scope, asked.Port, asked.Service, asked.Path, asked.Destination);
}

/// <summary>A question that a snapshot answers, or why it does not.</summary>
/// <param name="Entry">The question and what its answer stands on; null when <paramref name="Fault"/> is set.</param>
/// <param name="Text">The text that asked, by its place among those given.</param>
internal readonly record struct SnapshotAnswer(SnapshotEntry? Entry, Diagnosis? Diagnosis, string? Fault, int Text, string? Note = null);
