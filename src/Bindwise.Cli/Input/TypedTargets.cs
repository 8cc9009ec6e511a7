using Bindwise.Model.Targets;

namespace Bindwise.Cli.Input;

/// <summary>What the texts on the command line name.</summary>
internal static class TypedTargets
{
    /// <summary>Reads one text after the other, each when it is asked for: one target, or each of those in a pasted error.</summary>
    /// <param name="texts">The texts; <c>-</c> stands for one on standard input.</param>
    public static IEnumerable<TypedTarget> Read(IReadOnlyList<string> texts, bool isFollowing)
    {
        for (var index = 0; index < texts.Count; index++)
        {
            var given = texts[index] == "-" ? PastedInput.Read() : new ParseResult<string>(texts[index]);
            foreach (var target in TypedTarget.AllOf(given, index, isFollowing))
                yield return target;
        }
    }
}
