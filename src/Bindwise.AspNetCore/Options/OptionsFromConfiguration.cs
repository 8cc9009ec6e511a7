using Bindwise.Extensions.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Bindwise.AspNetCore;

/// <summary>
/// Reads the section <c>Bindwise</c>. Written by hand, so that trimmed programs need no reflection, and so that an unknown key or a wrong
/// value is told instead of passed over.
/// </summary>
internal sealed class OptionsFromConfiguration(IConfiguration configuration) : IConfigureOptions<BindwiseOptions>
{
    public void Configure(BindwiseOptions options)
    {
        var section = new SectionReader(configuration.GetSection(BindwiseOptions.SectionName), options.Faults);
        if (!section.Exists)
            return;
        section.Known("Settings", "SettingsByEndpoint", "Retry", "Fallback", "FallbackByPort", "SocketActivation", "SocketNames",
            "ListenPidMismatch", "Localhost", "PortFile", "ExplainFailures", "CommandLines", "HandOver");
        options.Settings = SettingsOf(section.Inner("Settings"), options.Settings);
        foreach (var key in section.Inner("SettingsByEndpoint").Keys)
        {
            var before = options.SettingsByEndpoint.TryGetValue(key, out var own) ? own
                : EndpointSettings.Applying(options.Settings, EndpointSettings.IsUnix(key));
            options.SettingsByEndpoint[key] = SettingsOf(section.Inner("SettingsByEndpoint").Inner(key), before);
        }
        ReadRetry(section.Inner("Retry"), options);
        if (section.Read("Fallback", PortPolicy.Parse) is { } fallback)
            options.Fallback = fallback;
        foreach (var (port, policy) in section.Inner("FallbackByPort").ByPort(PortPolicy.Parse))
            options.FallbackByPort[port] = policy;
        foreach (var (port, name) in section.Inner("SocketNames").ByPort(static text => text))
            options.SocketNames[port] = name ?? "";
        if (section.Word<SocketActivationMode>("SocketActivation") is { } activation)
            options.SocketActivation = activation;
        options.ListenPidMismatch = section.Word<ListenPidMismatch>("ListenPidMismatch") ?? options.ListenPidMismatch;
        options.Localhost = section.Word<LocalhostFamilies>("Localhost") ?? options.Localhost;
        options.PortFile = section.Text("PortFile") ?? options.PortFile;
        options.CommandLines = section.Word<CommandLineDetail>("CommandLines") ?? options.CommandLines;
        options.ExplainFailures = section.Switch("ExplainFailures") ?? options.ExplainFailures;
        ReadHandOver(section.Inner("HandOver"), options.HandOver);
    }

    private static void ReadHandOver(SectionReader section, BindwiseHandOverOptions options)
    {
        section.Known("Path", "WaitTimeout", "FailOnVersionMismatch", "ReadyTimeout", "ConnectionGracePeriod", "DrainTimeout",
            "UseDescriptorStore");
        options.Path = section.Text("Path") ?? options.Path;
        options.WaitTimeout = section.TimeOrInfinite("WaitTimeout") ?? options.WaitTimeout;
        options.FailOnVersionMismatch = section.Switch("FailOnVersionMismatch") ?? options.FailOnVersionMismatch;
        options.ReadyTimeout = section.TimeOrInfinite("ReadyTimeout") ?? options.ReadyTimeout;
        options.ConnectionGracePeriod = section.Time("ConnectionGracePeriod") ?? options.ConnectionGracePeriod;
        options.DrainTimeout = section.TimeOrInfinite("DrainTimeout") ?? options.DrainTimeout;
        options.UseDescriptorStore = section.Switch("UseDescriptorStore") ?? options.UseDescriptorStore;
    }

    private static SocketSettings SettingsOf(SectionReader section, SocketSettings before)
    {
        section.Known("ReuseAddress", "ReusePort", "V6Only", "Backlog", "Device", "Freebind", "UnixFileMode", "ExclusiveAddressUse");
        // What only Linux has, bind() refuses elsewhere, and says what to do instead.
#pragma warning disable CA1416
        return before with
        {
            ReuseAddress = section.Switch("ReuseAddress") ?? before.ReuseAddress,
            ReusePort = section.Switch("ReusePort") ?? before.ReusePort,
            V6Only = section.Switch("V6Only") ?? before.V6Only,
            Backlog = section.Number("Backlog") ?? before.Backlog,
            Device = section.Text("Device") ?? before.Device,
            Freebind = section.Switch("Freebind") ?? before.Freebind,
            UnixFileMode = section.FileMode("UnixFileMode") ?? before.UnixFileMode,
            ExclusiveAddressUse = section.Switch("ExclusiveAddressUse") ?? before.ExclusiveAddressUse,
        };
#pragma warning restore CA1416
    }

    private static void ReadRetry(SectionReader section, BindwiseOptions options)
    {
        if (!section.Exists)
            return;
        section.Known("Timeout", "InitialDelay", "MaxDelay", "RetryOn");
        var before = options.Retry ?? BindRetryOptions.None;
        options.Retry = before with
        {
            Timeout = section.TimeOrInfinite("Timeout") ?? before.Timeout,
            InitialDelay = section.Time("InitialDelay") ?? before.InitialDelay,
            MaxDelay = section.Time("MaxDelay") ?? before.MaxDelay,
            RetryOn = section.Words<BindRetryReasons>("RetryOn") ?? before.RetryOn,
        };
    }
}
