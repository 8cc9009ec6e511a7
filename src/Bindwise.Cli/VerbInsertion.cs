using Bindwise.Cli.Verbs.Why;

namespace Bindwise.Cli;

/// <summary><c>bindwise 8080</c> means <c>bindwise why 8080</c>.</summary>
internal static class VerbInsertion
{
    /// <summary>
    /// The arguments with the verb in its place where none was given. A verb wins over a service of that name
    /// (<c>bindwise why NAME</c> always works).
    /// </summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="first">Where a verb would stand: after what holds for all verbs.</param>
    /// <param name="verbs">The verbs.</param>
    public static string[] Apply(string[] arguments, int first, IReadOnlyCollection<string> verbs) =>
        first < arguments.Length && verbs.Contains(arguments[first]) ? arguments : [.. arguments[..first], WhyCommand.Name, .. arguments[first..]];
}
