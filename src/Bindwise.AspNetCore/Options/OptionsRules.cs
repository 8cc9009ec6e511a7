using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Bindwise.AspNetCore;

/// <summary>What the options must be; each fault is one sentence.</summary>
internal sealed class OptionsRules : IValidateOptions<BindwiseOptions>
{
    public ValidateOptionsResult Validate(string? name, BindwiseOptions options)
    {
        var faults = new List<string>(options.Faults);
        if (options.Settings is null)
            faults.Add(Fault("Settings", "must not be null"));
        else
            CheckSettings("Settings", options.Settings, faults);
        foreach (var (key, settings) in options.SettingsByEndpoint)
        {
            if (!EndpointSettings.IsKey(key))
                faults.Add(Fault($"SettingsByEndpoint:{key}",
                    "names no endpoint; the key is a port, an address and a port in their shortest form, or a UNIX path"));
            else if (settings is null)
                faults.Add(Fault($"SettingsByEndpoint:{key}", "must not be null"));
            else
                CheckSettings($"SettingsByEndpoint:{key}", settings, faults);
        }
        CheckRetry(options.Retry, faults);
        foreach (var (port, _) in options.FallbackByPort)
        {
            if (!IsPort(port))
                faults.Add(Fault($"FallbackByPort:{Text(port)}", "is not a port; ports are 1 to 65535"));
        }
        CheckSocketActivation(options, faults);
        CheckHandOver(options.HandOver, faults);
        if (options.PortFile is { } file && string.IsNullOrWhiteSpace(file))
            faults.Add(Fault("PortFile", "is empty; give a file, or leave it out"));
        if (!options.CommandLines.IsDefined())
            faults.Add(Fault("CommandLines", "is not a valid value"));
        if (options.Localhost is not (LocalhostFamilies.Present or LocalhostFamilies.IPv4Only))
            faults.Add(Fault("Localhost", "is not a valid value"));
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    private static void CheckSettings(string key, SocketSettings settings, List<string> faults)
    {
        if (settings.Backlog < 1)
            faults.Add(Fault($"{key}:Backlog", $"is {Text(settings.Backlog)}; it must be 1 or more"));
        if (settings.Device is "")
            faults.Add(Fault($"{key}:Device", "is empty; give an interface, or leave it out"));
    }

    private static void CheckRetry(BindRetryOptions? retry, List<string> faults)
    {
        if (retry is null)
            return;
        if (retry.Timeout < TimeSpan.Zero && retry.Timeout != Timeout.InfiniteTimeSpan)
            faults.Add(Fault("Retry:Timeout", $"is {retry.Timeout:c}; it must not be negative"));
        if (retry.InitialDelay <= TimeSpan.Zero)
            faults.Add(Fault("Retry:InitialDelay", $"is {retry.InitialDelay:c}; it must be more than zero"));
        if ((retry.RetryOn & ~BindRetryReasons.All) != 0)
            faults.Add(Fault("Retry:RetryOn",
                $"is {Text((int)retry.RetryOn)}; it must be a combination of the values of {nameof(BindRetryReasons)}"));
        if (retry.TimeProvider is null)
            faults.Add(Fault("Retry", "has no TimeProvider; TimeProvider.System is the system's"));
        if (retry.InitialDelay > TimeSpan.Zero && retry.MaxDelay < retry.InitialDelay)
            faults.Add(Fault("Retry:MaxDelay", $"is {retry.MaxDelay:c}, below Retry:InitialDelay ({retry.InitialDelay:c})"));
    }

    private static void CheckHandOver(BindwiseHandOverOptions options, List<string> faults)
    {
        if (options.Path is { } path && (string.IsNullOrWhiteSpace(path) || path == "@"))
            faults.Add(Fault("HandOver:Path", "is empty; give a path such as /run/app/hand-over.sock, or leave it out"));
        CheckTime("WaitTimeout", options.WaitTimeout, isZeroAllowed: false, faults);
        CheckTime("ReadyTimeout", options.ReadyTimeout, isZeroAllowed: false, faults);
        CheckTime("DrainTimeout", options.DrainTimeout ?? TimeSpan.Zero, isZeroAllowed: true, faults);
        if (options.ConnectionGracePeriod < TimeSpan.Zero || options.ConnectionGracePeriod.TotalMilliseconds > int.MaxValue)
            faults.Add(Fault("HandOver:ConnectionGracePeriod",
                $"is {options.ConnectionGracePeriod:c}; it must be zero or more, and at most {TimeSpan.FromMilliseconds(int.MaxValue):c}"));
    }

    private static void CheckTime(string key, TimeSpan time, bool isZeroAllowed, List<string> faults)
    {
        if (!HandOverCheck.IsTime(time, isZeroAllowed))
            faults.Add(Fault($"HandOver:{key}",
                $"is {time:c}; it must be {(isZeroAllowed ? "zero or more" : "more than zero")}, and at most "
                    + $"{TimeSpan.FromMilliseconds(int.MaxValue):c}"));
    }

    private static void CheckSocketActivation(BindwiseOptions options, List<string> faults)
    {
        if (!options.SocketActivation.IsDefined())
            faults.Add(Fault("SocketActivation", "is not a valid value"));
        if (options.ListenPidMismatch is { } mismatch && !mismatch.IsDefined())
            faults.Add(Fault("ListenPidMismatch", "is not a valid value"));
        if (options.SocketNames.Count > 0 && options.SocketActivation == SocketActivationMode.Off)
            faults.Add(Fault("SocketNames",
                $"names sockets, but SocketActivation is {nameof(SocketActivationMode.Off)}: set it to "
                    + $"{nameof(SocketActivationMode.Matching)} or {nameof(SocketActivationMode.InsteadOfUrls)}"));
        foreach (var (port, socket) in options.SocketNames)
        {
            if (!IsPort(port))
                faults.Add(Fault($"SocketNames:{Text(port)}", "is not a port; ports are 1 to 65535"));
            if (string.IsNullOrEmpty(socket))
                faults.Add(Fault($"SocketNames:{Text(port)}", "is empty; give the socket unit's FileDescriptorName="));
        }
    }

    /// <summary>One fault, with the name that the value has in the configuration.</summary>
    internal static string Fault(string key, string what) => $"{BindwiseOptions.SectionName}:{key} {what}.";

    private static bool IsPort(int port) => port is > 0 and <= ushort.MaxValue;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>
/// Makes the options as ever, and lets a wrong one be told in short: the framework's own exception carries the framework's own stack, which
/// hosts log and the runtime prints again, around one sentence.
/// </summary>
internal sealed class OptionsCheck(IEnumerable<IConfigureOptions<BindwiseOptions>> setups,
    IEnumerable<IPostConfigureOptions<BindwiseOptions>> posts, IEnumerable<IValidateOptions<BindwiseOptions>> rules)
    : IOptionsFactory<BindwiseOptions>
{
    private readonly OptionsFactory<BindwiseOptions> _factory = new(setups, posts, rules);

    public BindwiseOptions Create(string name)
    {
        try
        {
            return _factory.Create(name);
        }
        catch (OptionsValidationException exception)
        {
            throw new OptionsRefusedException(exception);
        }
    }

    private sealed class OptionsRefusedException(OptionsValidationException refused)
        : OptionsValidationException(refused.OptionsName, refused.OptionsType, refused.Failures), IBindwiseException
    {
        public override string ToString() => $"{typeof(OptionsValidationException).FullName}: {string.Join('\n', Failures)}";
    }
}

/// <summary>Reads the section <c>Bindwise</c>, by hand: trimmed programs need no reflection, and what is wrong is told.</summary>
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
        options.Fallback = section.Read("Fallback", PortPolicy.Parse) ?? options.Fallback;
        foreach (var (port, policy) in section.Inner("FallbackByPort").ByPort(PortPolicy.Parse))
            options.FallbackByPort[port] = policy;
        foreach (var (port, name) in section.Inner("SocketNames").ByPort(static text => text))
            options.SocketNames[port] = name ?? "";
        options.SocketActivation = section.Word<SocketActivationMode>("SocketActivation") ?? options.SocketActivation;
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

/// <summary>What servers and listeners alike stand on.</summary>
internal static class BindwiseServices
{
    /// <summary>Each service is made by code: the container's own way is reflection, of which the first time costs most.</summary>
    public static IServiceCollection AddBindwiseCore(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddLogging();
        services.AddBindwiseHosting();
        services.TryAddSingleton(static _ => new SectionOwner());
        services.AddOptions<BindwiseOptions>().ValidateOnStart();
        services.TryAddTransient<IOptionsFactory<BindwiseOptions>>(static provider => new OptionsCheck(
            provider.GetServices<IConfigureOptions<BindwiseOptions>>(), provider.GetServices<IPostConfigureOptions<BindwiseOptions>>(),
            provider.GetServices<IValidateOptions<BindwiseOptions>>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<BindwiseOptions>, OptionsFromConfiguration>(
            static provider => new OptionsFromConfiguration(provider.GetService<IConfiguration>() ?? new ConfigurationBuilder().Build())));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<BindwiseOptions>, OptionsRules>(static _ => new OptionsRules()));
        return services;
    }
}
