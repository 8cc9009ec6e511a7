using System.Buffers;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Lab.Answering;

/// <summary>Input that has no answer. Its message is one sentence, in the command line's words.</summary>
internal sealed class BadInputException(string message, bool isUnknown = false) : Exception(message)
{
    /// <summary>The input is right, and names what there is not.</summary>
    public bool IsUnknown => isUnknown;
}

/// <summary>What a call gives back as text: a JSON object, or after a mark what is wrong with the input.</summary>
internal static class CallAnswer
{
    /// <summary>What a sentence begins with, and no JSON object does.</summary>
    public const char FaultMark = '!';

    // A page has the answer parsed on its own thread.
    private const int MostBytes = 8 * 1024 * 1024;

    private const int MostSentenceChars = 299;

    public static string Of(Action<IBufferWriter<byte>> write)
    {
        try
        {
            return Encoding.UTF8.GetString(Document(write).Span);
        }
        catch (BadInputException fault)
        {
            return FaultMark + Sentence(fault.Message);
        }
    }

    /// <summary>The answer of a call as UTF-8.</summary>
    /// <param name="cancellation">Ends it with the next piece that it writes.</param>
    /// <exception cref="BadInputException">The input has no answer, or one that is too large.</exception>
    public static ReadOnlyMemory<byte> Document(Action<IBufferWriter<byte>> write, CancellationToken cancellation = default)
    {
        var output = new BoundedOutput(cancellation);
        write(output);
        return output.Written;
    }

    // As the command line shows it; a character outside of the basic plane counts twice in a page.
    private static string Sentence(string message)
    {
        var whole = Escaper.EscapeSentence(message);
        var shown = Escaper.Escape(whole, MostSentenceChars);
        return shown.Length <= MostSentenceChars ? shown : Escaper.Escape(whole, MostSentenceChars / 2);
    }

    private sealed class BoundedOutput(CancellationToken cancellation) : IBufferWriter<byte>
    {
        private readonly ArrayBufferWriter<byte> _buffer = new();

        public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

        public void Advance(int count)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_buffer.WrittenCount + count > MostBytes)
                throw new BadInputException("the answer is larger than 8 MiB; ask for less at a time");
            _buffer.Advance(count);
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);
    }
}
