namespace Bindwise.Cli.Tests.Help;

/// <summary>Every help page of the program, by the words that name it.</summary>
public static class HelpPages
{
    /// <summary>The pages, found by the verbs that the pages list themselves.</summary>
    public static TheoryData<string> All()
    {
        var pages = new TheoryData<string>();
        foreach (var page in Names(""))
            pages.Add(page);
        return pages;
    }

    /// <summary>A page at a width.</summary>
    internal static string Show(string page, string width)
    {
        var run = Bindwise.RunWith([], new() { ["COLUMNS"] = width }, ["help", .. page.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        return run.Output;
    }

    /// <summary>The examples of a page, as they stand.</summary>
    internal static IEnumerable<string> Examples(string page) =>
        Show(page, "100").Split('\n').SkipWhile(static line => line != "Examples:").Skip(1).TakeWhile(static line => line.Length > 0);

    private static IEnumerable<string> Names(string page) =>
        Show(page, "100").Split('\n').SkipWhile(static line => line != "Verbs:").Skip(1).TakeWhile(static line => line.Length > 0)
            .Select(static line => line.Trim().Split(' ')[0]).Where(static verb => verb != "help")
            .SelectMany(verb => Names($"{page} {verb}".Trim())).Prepend(page);
}
