using System.Text.RegularExpressions;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;
using Bindwise.Tests.Tables;

namespace Bindwise.Model.Tests.Simulation;

/// <summary>The tables of scenarios/rules/ on the simulated host: one row, one rule, its source. Bindwise.Kernel.Tests plays the same on the kernel.</summary>
public sealed partial class RuleTableTests
{
    private static readonly Dictionary<string, TableRow> Rows = RuleTables.Read().ToDictionary(row => row.At);

    private static readonly TcpSocketState[] Closing =
        [TcpSocketState.FinWait1, TcpSocketState.FinWait2, TcpSocketState.Closing, TcpSocketState.TimeWait, TcpSocketState.CloseWait, TcpSocketState.LastAck];

    public static TheoryData<string> All() => [.. Rows.Keys];

    public static TheoryData<string> WithClosingStates() => [.. Rows.Values.Where(row => row.Closing is not null).Select(row => row.At)];

    [Theory]
    [MemberData(nameof(All))]
    public void Row_OnTheModel_GivesItsResultByItsRule(string at)
    {
        var row = Rows[at];
        Assert.Null(row.Parse.Fault);
        using var host = new SimulatedHost(row.Scenario);
        Assert.Null(TableJudge.Fault(row, [.. row.Scenario.Steps.Where(step => step is not ExpectStep).Select(host.Play)], knowsRules: true));
    }

    [Theory]
    [MemberData(nameof(WithClosingStates))]
    public void Row_OfAnEnd_GoesThroughItsStates(string at)
    {
        var row = Rows[at];
        using var host = new SimulatedHost(row.Scenario);
        Assert.All(row.Scenario.Steps.Where(step => step is not ExpectStep), step => host.Play(step));
        Assert.Equal(row.Closing, string.Join(' ', Closing.Where(host.StatesReached.Contains).Select(state => TcpStateNames.Of(state, Protocol.Tcp))));
    }

    [Fact]
    public void Rules_OfScenarios_EachDecideARow() =>
        Assert.Empty(RuleBook.InScenarios.Select(rule => rule.Id.Value).Except(Rows.Values.Where(row => row.Decides).Select(row => row.Rule)));

    [Fact]
    public void Rules_OfScenarios_EachHaveANeighbourWhereTheyDoNot() =>
        Assert.Empty(RuleBook.InScenarios.Select(rule => rule.Id.Value).Except(Rows.Values.Where(row => !row.Decides).Select(row => row.Rule)));

    [Fact]
    public void Rows_EachNameAnExpectedResultAndTheirSource() => Assert.All(Rows.Values, row =>
    {
        Assert.True(row.Scenario.Steps[^1] is ExpectStep, row.At);
        Assert.Matches(Function(), row.Source);
    });

    [GeneratedRegex(@"^\w+\(\)(, net/\S+\.c)?$")]
    private static partial Regex Function();
}
