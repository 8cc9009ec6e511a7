using Bindwise.Model.Simulation;

namespace Bindwise.Lab.Recording;

/// <summary>Plays scenarios on the rule model, on virtual time, and keeps what happens below their system calls.</summary>
internal static class ModelRecorder
{
    /// <param name="kernel">The release of Linux whose rules the model has.</param>
    public static RecordedPlay Play(Scenario scenario, KernelRelease kernel) =>
        ResultAssembler.Compose(scenario, Record(scenario, kernel), kernel: null, rest: null);

    internal static HostPlay Record(Scenario scenario, KernelRelease kernel)
    {
        using var host = new SimulatedHost(scenario, kernel, records: true);
        var recording = new HostRecording(scenario, host, new ModelTime());
        return HostPlay.Of(recording, new RecordedHost(IsKernel: false, "Linux"), static () => "the rule model, on virtual time");
    }
}
