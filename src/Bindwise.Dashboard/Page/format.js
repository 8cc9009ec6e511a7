// How times, durations and counts are written, everywhere the same.

/** In seconds. */
export const [day, year] = [86_400, 365.25 * 86_400];
const units = [[2 * year, 'years'], [day, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
const whole = new Intl.NumberFormat('en');
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayAndClock = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit',
});

export const count = value => whole.format(value);

/** 3 h, 2 d, 2 years: the largest unit that fits; days up to two years. */
export function duration(seconds) {
  const [least, name] = units.find(([each]) => Math.abs(seconds) >= each) ?? [1, 's'];
  return `${Math.floor(seconds / (name === 'years' ? year : least))} ${name}`;
}

/** How long ago an ISO time was. */
export function ago(time) {
  const seconds = (Date.now() - Date.parse(time)) / 1000;
  return Number.isNaN(seconds) ? '' : seconds < 1 ? 'now' : duration(seconds);
}

/** A time of this day by its clock, another with its day. */
export function moment(time) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime()))
    return String(time);
  return (date.toDateString() === new Date().toDateString() ? clock : dayAndClock).format(date);
}

/** "1 port", "2 ports". */
export function counted(value, one, several = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : several}`;
}

/** A share in percent; what is little is not nothing. */
export const percent = share => share > 0 && share < 0.005 ? 'under 1 %' : `${Math.round(share * 100)} %`;
