using Bindwise.Model.Targets.Errors;

namespace Bindwise.Model.Targets;

/// <summary>A target that a text names, or why the text names none.</summary>
/// <param name="Target">The target; null when <paramref name="Error"/> is set.</param>
/// <param name="Error">One line; null when there is a target.</param>
/// <param name="Text">The text, by its place among those given: a pasted one may name several targets.</param>
/// <param name="Note">One line for standard error that is no fault; null for none.</param>
/// <param name="WithoutPlace">What a text says of a failed bind that names no place; null otherwise. Of one whose address is in use the
/// caller's own listeners may tell which it is.</param>
internal readonly record struct TypedTarget(Target? Target, string? Error, int Text, string? Note = null, PastedError? WithoutPlace = null)
{
    /// <summary>One target, or each of those in a pasted error.</summary>
    /// <param name="given">The text, or why it could not be read.</param>
    public static IEnumerable<TypedTarget> AllOf(ParseResult<string> given, int index, bool isFollowing)
    {
        var read = given.Value is { } words ? TargetParser.ParseAll(words) : new ParseResult<TargetList>(null, given.Error);
        if (read.Value is not { } named)
            return
            [
                new(null, read.Error, index, WithoutPlace: given.Value is { } pasted ? ErrorTextReader.ReadWithoutPlace(pasted) : null),
            ];
        var all = named.Targets;
        if (isFollowing && all.Length > 1)
            return [new TypedTarget(null,
                $"--follow takes one target; this text names {string.Join(", ", all.Select(static target => target.Text))}: choose one, "
                    + $"as in: bindwise why --follow {all[0].Text}", index)];
        var note = named.LeftOut == 0 ? null
            : $"the text names {named.AtLeast}{named.LeftOut + all.Length} addresses: only the first {all.Length} are answered";
        return all.Select((target, place) => new TypedTarget(target, null, index) { Note = place == all.Length - 1 ? note : null });
    }
}
