using Bindwise.Lab.Playing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Tests.Playing;

/// <summary>Pairs of scripted hosts, for the model and for the kernel.</summary>
internal static class ScriptedHosts
{
    /// <summary>The hosts that these functions make; null leaves one out.</summary>
    public static ScenarioHosts Of(Func<Scenario, IHost>? model, Func<Scenario, IHost>? kernel) => new(model, kernel is null ? null : () => new ScriptedPool(kernel));

    /// <summary>Both hosts say ok to everything.</summary>
    public static ScenarioHosts Willing { get; } = Of(_ => ScriptedHost.Willing(), _ => ScriptedHost.Willing());
}
