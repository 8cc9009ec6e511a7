using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;

namespace Bindwise.Lab.Kernel.Tests.Simulation;

/// <summary>The .bind files of scenarios/, those on which model and kernel once differed (scenarios/found/) among them, and of the site's classics, on both.</summary>
[Trait("Lane", "second")]
public sealed class ScenarioFileTests
{
    /// <summary>Those that wait a minute do it together.</summary>

    private static readonly string[] Folders = ["scenarios", "site/classics"];

    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    public async Task Files_OnModelAndKernel_GiveTheSameAndWhatTheySay()
    {
        var files = Read();
        Assert.Contains(files, static file => file.Name.StartsWith("scenarios/found/", StringComparison.Ordinal));
        Assert.Contains(files, static file => file.Name.StartsWith("site/classics/", StringComparison.Ordinal));
        var faults = await Task.Run(() => Play(files));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static List<string> Play(List<Scenario> files)
    {
        var faults = new List<string>();
        var played = 0;
        new ScenarioStream<Scenario>(KernelHosts.WithModel, new StreamLimits { Patience = Patience.OfAWait }, static file => file, (file, result) =>
        {
            played++;
            faults.AddRange(Faults(result!, BuiltKernel.AnswersOtherwise(file)).Select(fault => $"{file.Name}: {fault}"));
            return true;
        }).Play(files, CancellationToken.None);
        Assert.Equal(files.Count, played);
        return faults;
    }

    private static IEnumerable<string> Faults(ScenarioResult result, bool isAnsweredOtherwise)
    {
        if (result.Error is { } error)
            yield return error;
        for (var index = 0; index < result.Steps.Length; index++)
        {
            var outcome = result.Steps[index];
            if (outcome.IsMismatch)
                yield return $"step {index}: the model says {outcome.Model!.Result}, the kernel {outcome.Kernel!.Result}";
            if (outcome.IsFailedExpectation && !isAnsweredOtherwise)
                yield return $"step {index}: {outcome.Because}";
        }
    }

    private static List<Scenario> Read() =>
    [
        .. Folders.SelectMany(static name => Directory.GetFiles(Repository.File(name), "*.bind", SearchOption.AllDirectories)).Where(static file => !ClaimText.IsClaim(File.ReadAllText(file)))
            .Order(StringComparer.Ordinal).Select(static file => Parse(file, Path.GetRelativePath(Repository.Root, file))),
    ];

    private static Scenario Parse(string file, string name)
    {
        var text = File.ReadAllText(file);
        Assert.StartsWith("# ", text, StringComparison.Ordinal);
        var parse = BindText.Parse(text, name);
        Assert.True(parse.IsSuccess, $"{name}: {parse.Fault}");
        Assert.Contains(parse.Scenario!.Steps, static step => step is ExpectStep);
        return parse.Scenario;
    }
}
