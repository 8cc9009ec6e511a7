// Runs the tests of the rules and of the simulated host in this process, up to the first that fails, for each mutant whose number eng/mutate
// writes to it, and answers each with a line. It talks to xunit itself, since the test platform around it would cost more than all the tests.
using System;
using System.Collections.Generic;
using System.Reflection;
using System.Threading;
using Xunit.Abstractions;
using Xunit.Sdk;

var assembly = new AssemblyName(args[0]);
using var framework = new XunitTestFramework(new CaseList());
using var discoverer = framework.GetDiscoverer(new ReflectionAssemblyInfo(Assembly.Load(assembly)));
var (found, options) = (new CaseList(), new Options());
discoverer.Find(includeSourceInformation: false, found, options);
found.Complete.WaitOne();
var mutant = Type.GetType("Mutant, Bindwise.Model")?.GetField("On", BindingFlags.Static | BindingFlags.NonPublic);
while (Console.ReadLine() is { } number)
{
    mutant?.SetValue(null, int.Parse(number));
    using var executor = framework.GetExecutor(assembly);
    var verdict = new Verdict();
    executor.RunTests(found.Cases, verdict, options);
    verdict.Ended.WaitOne();
    Console.WriteLine(verdict.Failure is { } failure ? $"killed {failure.ReplaceLineEndings(" ")}" : $"survived {verdict.Passed} tests");
    if (verdict.Failure is null && verdict.Passed == 0)
        return 1;
}
return 0;

internal sealed class CaseList : IMessageSink
{
    /// <summary>Namespaces, and classes of another one: the host of other systems' rules stands in Simulation, its tests with those rules.</summary>
    private static readonly string[] Tried =
    [
        "Bindwise.Model.Tests.Rules", "Bindwise.Model.Tests.Simulation", "Bindwise.Model.Tests.Platforms.PlatformHostTests",
        "Bindwise.Model.Tests.Platforms.PlatformUncertaintyTests",
    ];

    /// <summary>Draws its cases at random, so that what it finds is luck.</summary>
    private const string Random = "Bindwise.Model.Tests.Rules.RuleProperties";

    public List<ITestCase> Cases { get; } = [];

    public ManualResetEvent Complete { get; } = new(initialState: false);

    public bool OnMessage(IMessageSinkMessage message)
    {
        if (message is ITestCaseDiscoveryMessage { TestClass.Class.Name: not Random and var name } found
            && Array.Exists(Tried, place => $"{name}.".StartsWith(place + ".", StringComparison.Ordinal)))
            Cases.Add(found.TestCase);
        else if (message is IDiscoveryCompleteMessage)
            Complete.Set();
        return true;
    }
}

internal sealed class Verdict : IMessageSink
{
    public ManualResetEvent Ended { get; } = new(initialState: false);

    public string? Failure { get; private set; }

    public int Passed { get; private set; }

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestPassed:
                Passed++;
                break;
            case ITestFailed failed:
                Failure ??= failed.Test.DisplayName;
                break;
            case IFailureInformation failure:
                Failure ??= failure.Messages[0];
                break;
            case ITestAssemblyFinished:
                Ended.Set();
                break;
        }
        return Failure is null;
    }
}

internal sealed class Options : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
{
    private readonly Dictionary<string, object?> _values = [];

    public TValue GetValue<TValue>(string name) => _values.TryGetValue(name, out var value) ? (TValue)value! : default!;

    public void SetValue<TValue>(string name, TValue value) => _values[name] = value;
}
