
namespace Bindwise.Lab.Generating.Templates;

/// <summary>What the tables of gestures hang on: so few values that the tables of each are made once.</summary>
/// <param name="Theme">What the scenario turns on.</param>
/// <param name="Families">Its sockets' families.</param>
/// <param name="Sharing">How often they share.</param>
/// <param name="HasUsers">Some sockets are other users'.</param>
/// <param name="Devices">The interfaces that some sockets are bound to, a space between two; null for none.</param>
/// <param name="HasSettings">It writes sysctls, and so may write more.</param>
internal readonly record struct TemplateKey(ScenarioTopic Theme, AddressFamilies Families, SharingFrequency Sharing, bool HasUsers, string? Devices, bool HasSettings)
{
    /// <summary>The outline of a premise.</summary>
    public static TemplateKey Of(ScenarioParameters premise) =>
        new(premise.Theme, premise.Families, premise.Sharing, premise.HasUsers, premise.Devices, !premise.Settings.IsEmpty);

    /// <summary>Some sockets are bound to an interface.</summary>
    public bool HasDevices => Devices is not null;

    /// <summary>The kernel chooses among few ports.</summary>
    public bool IsNarrow => Theme is ScenarioTopic.NarrowTcp or ScenarioTopic.NarrowUdp or ScenarioTopic.SpreadUdp or ScenarioTopic.OwnRange or ScenarioTopic.Reuse;
}
