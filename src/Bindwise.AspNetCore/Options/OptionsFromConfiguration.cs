using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Bindwise.AspNetCore;

/// <summary>
/// Reads the section <c>Bindwise</c>. Written by hand, so that trimmed programs need no reflection, and so that an unknown key or a wrong
/// value is told instead of passed over.
/// </summary>
internal sealed class OptionsFromConfiguration(IConfiguration configuration) : IConfigureOptions<BindwiseOptions>
{
    /// <inheritdoc/>
    public void Configure(BindwiseOptions options)
    {
        var section = new SectionReader(configuration.GetSection(BindwiseOptions.SectionName), options.Faults);
        section.Known("Settings", "Retry", "Fallback", "FallbackByPort", "Inherited", "InheritedNames", "BehindWrapper", "Localhost", "PortFile", "ExplainFailures");
        ReadSettings(section.Inner("Settings"), options);
        ReadRetry(section.Inner("Retry"), options);
        if (section.Read("Fallback", PortPolicy.Parse) is { } fallback)
            options.Fallback = fallback;
        foreach (var (port, policy) in section.Inner("FallbackByPort").ByPort(PortPolicy.Parse))
            options.FallbackByPort[port] = policy;
        foreach (var (port, name) in section.Inner("InheritedNames").ByPort(static text => text))
            options.InheritedNames[port] = name;
        options.Inherited = section.Word<InheritedUse>("Inherited") ?? options.Inherited;
        options.BehindWrapper = section.Word<BehindWrapper>("BehindWrapper") ?? options.BehindWrapper;
        options.Localhost = section.Word<LocalhostFamilies>("Localhost") ?? options.Localhost;
        options.PortFile = section.Text("PortFile") ?? options.PortFile;
        options.ExplainFailures = section.Switch("ExplainFailures") ?? options.ExplainFailures;
    }

    private static void ReadSettings(SectionReader section, BindwiseOptions options)
    {
        section.Known("ReuseAddress", "ReusePort", "V6Only", "Backlog", "Device", "Freebind", "ExclusiveAddressUse");
        var before = options.Settings;
        options.Settings = before with
        {
            ReuseAddress = section.Switch("ReuseAddress") ?? before.ReuseAddress,
            ReusePort = section.Switch("ReusePort") ?? before.ReusePort,
            V6Only = section.Switch("V6Only") ?? before.V6Only,
            Backlog = section.Number("Backlog") ?? before.Backlog,
            Device = section.Text("Device") ?? before.Device,
            Freebind = section.Switch("Freebind") ?? before.Freebind,
            ExclusiveAddressUse = section.Switch("ExclusiveAddressUse") ?? before.ExclusiveAddressUse,
        };
    }

    private static void ReadRetry(SectionReader section, BindwiseOptions options)
    {
        if (!section.Exists)
            return;
        section.Known("Longest", "FirstPause", "LongestPause", "Causes");
        var before = options.Retry ?? RetryPolicy.None;
        options.Retry = before with
        {
            Longest = section.Time("Longest") ?? before.Longest,
            FirstPause = section.Time("FirstPause") ?? before.FirstPause,
            LongestPause = section.Time("LongestPause") ?? before.LongestPause,
            Causes = section.Words<WaitFor>("Causes") ?? before.Causes,
        };
    }
}
