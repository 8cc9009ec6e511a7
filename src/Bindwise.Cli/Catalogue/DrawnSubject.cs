using Bindwise.Cli.Input;
using Bindwise.Lab.Catalogue;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Cli.Catalogue;

/// <param name="Name">What --case calls it; may be empty.</param>
/// <param name="Title">What stands above its picture.</param>
internal sealed record DrawnCase(string Name, string Title, Scenario Scenario);

/// <summary>What is to be drawn, or what is wrong with it: a line a fault.</summary>
/// <param name="Faults">What is wrong; empty on success.</param>
internal sealed record DrawnSubject(string Title, IReadOnlyList<DrawnCase> Cases, IReadOnlyList<string> Faults)
{
    /// <summary>Looks up a claim, a program or a file.</summary>
    public static DrawnSubject Find(string id)
    {
        if (id == "-" || id.AsSpan().ContainsAny('/', '\\') || id.EndsWith(".bind", StringComparison.Ordinal) || File.Exists(id))
            return OfFile(id);
        if (ScenarioCatalogue.ProgramText(id) is { } program)
            return OfText(id, $"programs/{id}.bind", program);
        var found = new ClaimStore(null).Find(id);
        return found.Claim is { } claim ? OfClaim(claim) : new DrawnSubject(id, [], found.Faults);
    }

    private static DrawnSubject OfFile(string path)
    {
        using var stream = ScenarioFiles.Open(path, out var fault);
        if (stream is null)
            return Wrong(path, fault!);
        var name = path == "-" ? "standard input" : path;
        try
        {
            var bytes = new byte[BindText.MaximumChars + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > BindText.MaximumChars
                ? Wrong(path, $"{name}: the file is larger than 8 MiB; split it")
                : OfText(path == "-" ? "" : Path.GetFileNameWithoutExtension(path), name, Encoding.UTF8.GetString(bytes, 0, length));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Wrong(path, $"cannot read {name}: {(Directory.Exists(path) ? "it is a folder" : SystemFault.Describe(exception))}");
        }
    }

    private static DrawnSubject OfText(string title, string file, string text)
    {
        if (ClaimText.IsClaim(text))
        {
            var parse = ClaimText.Parse(text);
            return parse.Claim is { } claim ? OfClaim(claim)
                : new DrawnSubject(title, [], [.. parse.Faults.Select(fault => fault.At(file))]);
        }
        var cases = new List<DrawnCase>();
        var faults = new List<string>();
        foreach (var parse in ScenarioFile.Parse(text, title))
        {
            if (parse.Scenario is { } scenario)
                cases.Add(new DrawnCase(scenario.Name, scenario.Name.Length > 0 ? scenario.Name : title, scenario));
            faults.AddRange(parse.Faults.Select(fault => fault.At(file)));
        }
        if (cases.Count == 0 && faults.Count == 0)
            faults.Add($"{file}: there is no scenario in it");
        return new DrawnSubject(title, cases, faults);
    }

    private static DrawnSubject OfClaim(Claim claim) =>
        new(claim.Id, [.. claim.Cases.Select(part => new DrawnCase(part.Name, $"{claim.Id}, {part.Name}: {part.When}", part.Scenario))],
            []);

    private static DrawnSubject Wrong(string title, string fault) => new(title, [], [fault]);
}
