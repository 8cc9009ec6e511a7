using System.Collections.Immutable;
using System.Globalization;
using Bindwise.Model.Planning;
using Bindwise.Planning.Reading;

namespace Bindwise.Planning.Tests;

/// <summary>Files in memory.</summary>
internal sealed class TestFolder : IPlanFiles
{
    private readonly SortedDictionary<string, string> _texts = new(StringComparer.Ordinal);

    public TestFolder(params (string Path, string Text)[] files)
    {
        foreach (var (path, text) in files)
            _texts[path] = text;
    }

    public PlanFileText Read(string path) => new(_texts.GetValueOrDefault(path), null);

    public ImmutableArray<string> List(string folder) =>
        [.. _texts.Keys.Where(path => (path.LastIndexOf('/') is > 0 and var at ? path[..at] : "") == folder).Select(static path => path[(path.LastIndexOf('/') + 1)..])];

    /// <summary>Reads all of its files, as found.</summary>
    public PlanInput Found() => PlanReader.Read([.. _texts.Keys.Select(static path => new PlanFile(path))], this);

    /// <summary>Reads files as named.</summary>
    public PlanInput Named(params string[] paths) => PlanReader.Read([.. paths.Select(static path => new PlanFile(path, IsNamed: true))], this);

    /// <summary>Reads all of its files, and plays their ports.</summary>
    public PortPlan Plan(params string[] profiles)
    {
        var input = Found();
        var plan = PortPlanner.Check(input.Ports, new PlanCircumstances { Profiles = profiles.Length == 0 ? null : [.. profiles] });
        return plan with { Sources = input.Sources, Remarks = [.. plan.Remarks, .. input.Remarks] };
    }
}

/// <summary>Ports and findings as lines, for tests.</summary>
internal static class Lines
{
    /// <summary><c>3: web 8080/tcp 0.0.0.0 [::]</c>, with <c>dual</c> and <c>v6only</c> where a wildcard is one of them.</summary>
    public static string[] Of(PlanInput input) => [.. input.Ports.Select(Of)];

    public static string Of(PlannedPort port)
    {
        var addresses = port.Protocol == Protocol.Unix ? "" : " " + string.Join(' ', port.Binds.Select(static bind =>
            bind.Address + (bind.Address is { IsAny: true, Family: IpFamily.IPv6 } ? bind.V6Only switch { true => "(v6only)", false => "(dual)", null => "" } : "")));
        var sure = port.Certainty == PlanCertainty.Stated ? "" : " " + port.Certainty.ToString().ToLowerInvariant();
        return string.Create(CultureInfo.InvariantCulture, $"{port.Location.Line}: {port.Name} {port.Target}{addresses}{sure}{(port.Profiles.IsEmpty ? "" : " profiles " + string.Join(',', port.Profiles))}");
    }

    /// <summary><c>2 unknown-key: …</c>.</summary>
    public static string[] Remarks(PlanInput input) => [.. input.Remarks.Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.Location?.Line} {one.Id}: {one.Text}"))];

    /// <summary><c>8080/tcp BW004 a.yaml:3 b.yaml:4</c>.</summary>
    public static string[] Conflicts(PortPlan plan) =>
        [.. plan.Conflicts.Select(static one => $"{one.Target} {one.Rule.Id} {one.First.Location} {one.Second?.Location}{(one.Profiles is null ? "" : $" ({one.Profiles})")}")];
}
