using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Bindwise.Linux.Accounts;
using Bindwise.Linux.Events;
using Bindwise.Linux.Native;
using Bindwise.Linux.Routing;
using Bindwise.Linux.Sysctls;
using Bindwise.Linux.Terminals;
using Bindwise.Model.Events;
using Bindwise.Rendering.Watching;

namespace Bindwise.Cli.Verbs;

/// <summary>
/// The screen of <c>watch</c>: carries the keys, the host's looks and events and the signals to <see cref="WatchMachine"/>, and its effects
/// out. Whatever happens, the terminal is put back.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class WatchScreen : IPortEventSink, IDisposable
{
    // So long a sequence of a key may take from its first byte to the next.
    private static readonly TimeSpan KeyPause = TimeSpan.FromMilliseconds(50);

    private readonly ImmutableArray<Target> _targets;
    private readonly IPortEventSource _source;
    private readonly ErrorLines _errors;
    private readonly WatchInbox _inbox = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Dictionary<uint, string?> _users = [];
    private readonly UserNames _userNames = new();
    private readonly Dictionary<uint, string> _devices = [];

    // volatile: written by the threads of signals, keys and the source, read by the main one.
    private volatile bool _isSuspended;
    private volatile bool _isContinued;
    private volatile bool _isResized;
    private volatile ExceptionDispatchInfo? _failure;
    private volatile EndOfScreen? _end;

    public WatchScreen(ImmutableArray<Target> targets, IPortEventSource source, ErrorLines errors) =>
        (_targets, _source, _errors) = (targets, source, errors);

    private sealed record EndOfScreen(ExitCode Code);

    /// <summary>Both ends are a terminal that knows more than lines.</summary>
    public static bool IsPossible => !Console.IsInputRedirected && Terminal.Detect().CanRedraw;

    public ExitCode Run()
    {
        using var terminal = ScreenTerminal.TryOpen();
        if (terminal is null)
            return _errors.Fail("the terminal cannot be read key by key: bindwise watch --events prints lines");
        using var signals = new Signals(this);
        void Restore(object? sender, EventArgs arguments) => terminal.Leave();
        AppDomain.CurrentDomain.ProcessExit += Restore;
        try
        {
            terminal.Enter();
            Start("bindwise events", () => _source.Run(this, _ending.Token));
            Start("bindwise keys", ReadKeys);
            return Loop(terminal);
        }
        catch (IOException)
        {
            // The terminal went away, and who sat there with it.
            return ExitCode.Success;
        }
        catch (TableUnreadException exception)
        {
            terminal.Leave();
            return _errors.Fail(exception.Message);
        }
        finally
        {
            _ending.Cancel();
            terminal.Dispose();
            AppDomain.CurrentDomain.ProcessExit -= Restore;
        }
    }

    public void Happened(PortEvent happened) => _inbox.Add(new WatchInput.Happened(happened));

    public void CensusRead(HostCensus census) =>
        _inbox.Add(new WatchInput.CensusRead(census with { TakenAt = census.TakenAt.ToLocalTime() }));

    public void Dispose() => _ending.Dispose();

    private ExitCode Loop(ScreenTerminal terminal)
    {
        var painter = new WatchPainter(terminal, Terminal.Detect().IsColoured);
        using var work = new WatchWork(_inbox.Add);
        var (columns, lines) = ScreenTerminal.Size;
        var state = WatchRows.Refresh(new WatchState
        {
            Columns = columns,
            Lines = lines,
            IsUnicode = Charset.IsUnicode(),
            Place = new WatchPlace
            {
                Targets = _targets,
                Limits = _source.Limits,
                Settings = PortSettings.Read(),
                Caller = EffectiveIds.User(),
                UserName = NameOf,
                DeviceName = DeviceOf,
            },
        });
        painter.Draw(WatchFrame.Render(state));
        while (true)
        {
            foreach (var input in _inbox.Take())
            {
                var step = WatchMachine.Step(state, input);
                state = step.State;
                foreach (var effect in step.Effects)
                    Do(effect, work, painter);
            }
            if (_failure is { } failure)
                failure.Throw();
            if (_end is { } end)
                return end.Code;
            if (_isSuspended)
            {
                _isSuspended = false;
                terminal.Suspend();
                _isContinued = false;
                painter.Forget();
                _isResized = true;
            }
            if (_isContinued)
            {
                _isContinued = false;
                terminal.Enter();
                painter.Forget();
            }
            if (_isResized)
            {
                _isResized = false;
                (columns, lines) = ScreenTerminal.Size;
                state = WatchMachine.Step(state, new WatchInput.Resized(columns, lines)).State;
                painter.Forget();
            }
            painter.Draw(WatchFrame.Render(state));
        }
    }

    private void Do(WatchEffect effect, WatchWork work, WatchPainter painter)
    {
        switch (effect)
        {
            case WatchEffect.Quit quit:
                _end = new EndOfScreen(quit.IsInterrupted ? ExitCode.Interrupted : ExitCode.Success);
                break;
            case WatchEffect.Repaint:
                painter.Forget();
                break;
            default:
                work.Do(effect);
                break;
        }
    }

    // Only the main thread asks.
    private string? NameOf(uint user)
    {
        if (!_users.TryGetValue(user, out var name))
            _users.Add(user, name = _userNames.Find(user));
        return name;
    }

    private string? DeviceOf(uint index)
    {
        if (index == 0)
            return null;
        if (!_devices.TryGetValue(index, out var name))
        {
            foreach (var one in RouteClient.Interfaces())
                _devices[one.Index] = one.Name;
            // One that is gone is not looked for at every frame.
            if (!_devices.TryGetValue(index, out name))
                _devices.Add(index, name = index.ToString(CultureInfo.InvariantCulture));
        }
        return name;
    }

    private void ReadKeys()
    {
        var reader = new KeyReader();
        var buffer = new byte[256];
        while (!_ending.IsCancellationRequested)
        {
            if (!ScreenTerminal.WaitForInput(reader.IsPending ? KeyPause : Timeout.InfiniteTimeSpan))
            {
                foreach (var key in reader.End())
                    _inbox.Add(new WatchInput.Pressed(key));
                continue;
            }
            var length = ScreenTerminal.Read(buffer);
            if (length == 0)
            {
                End(ExitCode.Success);
                return;
            }
            foreach (var key in reader.Read(buffer.AsSpan(0, length)))
                _inbox.Add(new WatchInput.Pressed(key));
        }
    }

    private void End(ExitCode code)
    {
        _end ??= new EndOfScreen(code);
        _inbox.Wake();
    }

    // What goes wrong there is told after the terminal was put back.
    private void Start(string name, Action work) => new Thread(() =>
    {
        try
        {
            work();
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // As it was asked to.
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
            _inbox.Wake();
        }
    })
    { IsBackground = true, Name = name }.Start();

    private sealed class Signals : IDisposable
    {
        private readonly List<PosixSignalRegistration> _registered = [];

        public Signals(WatchScreen screen)
        {
            On(PosixSignal.SIGINT, () => screen.End(ExitCode.Interrupted));
            On(PosixSignal.SIGTERM, () => screen.End(ExitCode.Success));
            On(PosixSignal.SIGHUP, () => screen.End(ExitCode.Success));
            On(PosixSignal.SIGQUIT, () => screen.End(ExitCode.Interrupted));
            On(PosixSignal.SIGTSTP, () => screen._isSuspended = true);
            On(PosixSignal.SIGCONT, () => screen._isContinued = true);
            On(PosixSignal.SIGWINCH, () => screen._isResized = true);
            void On(PosixSignal signal, Action act) => _registered.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                act();
                screen._inbox.Wake();
            }));
        }

        public void Dispose()
        {
            foreach (var one in _registered)
                one.Dispose();
        }
    }
}

/// <summary>Draws frames on the terminal: of each only the lines that are not there already.</summary>
[SupportedOSPlatform("linux")]
internal sealed class WatchPainter(ScreenTerminal terminal, bool isColoured)
{
    private readonly StringBuilder _text = new();
    private ImmutableArray<TextLine> _drawn = [];
    public void Forget() => _drawn = [];

    /// <exception cref="IOException">The terminal is gone.</exception>
    public void Draw(ImmutableArray<TextLine> frame)
    {
        var isWhole = _drawn.Length != frame.Length;
        var changed = Enumerable.Range(0, frame.Length).Where(index => isWhole || !IsSame(frame[index], _drawn[index])).ToList();
        _drawn = frame;
        if (changed.Count == 0)
            return;
        var lines = TextOutput.Format([.. changed.Select(index => frame[index])], isColoured).Split('\n');
        _text.Clear();
        if (isWhole)
            _text.Append("\u001b[0m\u001b[2J");
        for (var place = 0; place < changed.Count; place++)
            _text.Append("\u001b[").Append(changed[place] + 1).Append(";1H\u001b[0m\u001b[2K").Append(lines[place]);
        terminal.Write(Encoding.UTF8.GetBytes(_text.ToString()));
    }

    private static bool IsSame(TextLine one, TextLine other) => one.Spans.AsSpan().SequenceEqual(other.Spans.AsSpan());
}
