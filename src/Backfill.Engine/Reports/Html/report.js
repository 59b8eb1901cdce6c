
// Sorting and filtering. Without it the page is complete: every row is there, in the run's order.
(() => {
  'use strict';

  const textOf = (cell) => (cell.querySelector('time')?.dateTime ?? cell.textContent).trim();
  const numberOf = (text) => {
    const plain = text.replace(/[,%+~ ]/g, '');
    return plain !== '' && Number.isFinite(Number(plain)) ? Number(plain) : null;
  };

  const compare = (a, b) => {
    const [x, y] = [numberOf(a), numberOf(b)];
    if (x !== null && y !== null) return x - y;
    // Figures before words.
    if (x !== null || y !== null) return x !== null ? -1 : 1;
    return a < b ? -1 : a > b ? 1 : 0;
  };

  const sort = (table, column, heading) => {
    const descending = heading.getAttribute('aria-sort') === 'ascending';
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
    heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [textOf(row.cells[column]), row]);
    keyed.sort((a, b) => (descending ? compare(b[0], a[0]) : compare(a[0], b[0])));
    body.append(...keyed.map(([, row]) => row));
  };

  for (const table of document.querySelectorAll('table')) {
    // A handful is seen at a glance.
    if (table.tBodies[0].rows.length < 6) continue;
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...heading.childNodes);
      button.addEventListener('click', () => sort(table, column, heading));
      heading.append(button);
    });
  }

  // On a narrow screen a row is a list of its cells: each then needs its column's name, and tables their roles.
  for (const table of document.querySelectorAll('table')) {
    const names = [...table.tHead.rows[0].cells].map((heading) => heading.textContent);
    if (names.length < 5) continue;
    table.classList.add('labelled');
    table.setAttribute('role', 'table');
    for (const row of table.tBodies[0].rows) {
      row.setAttribute('role', 'row');
      [...row.cells].forEach((cell, column) => {
        cell.setAttribute('role', cell.tagName === 'TH' ? 'rowheader' : 'cell');
        if (cell.colSpan === 1) cell.dataset.label = names[column];
      });
    }
  }

  for (const filter of document.querySelectorAll('[data-filter]')) {
    const rows = [...document.getElementById(filter.dataset.filter).tBodies[0].rows].filter((row) => row.dataset.outcome);
    if (rows.length === 0) continue;
    const fields = [...filter.querySelectorAll('[data-by]')];
    for (const field of fields.filter((f) => f.dataset.by !== 'text')) {
      const values = [...new Set(rows.map((row) => row.dataset[field.dataset.by]))].filter((v) => v !== '').sort();
      field.append(...values.map((value) => new Option(value, value)));
      field.closest('p').hidden = values.length < 2;
    }
    const words = rows.map((row) => row.textContent.toLowerCase());
    const apply = () => {
      let shown = 0;
      rows.forEach((row, i) => {
        row.hidden = !fields.every((f) => f.value === ''
          || (f.dataset.by === 'text' ? words[i].includes(f.value.trim().toLowerCase()) : row.dataset[f.dataset.by] === f.value));
        shown += row.hidden ? 0 : 1;
      });
      filter.querySelector('[role="status"]').textContent = `${shown} of ${rows.length} lines`;
    };
    filter.addEventListener('input', apply);
    filter.hidden = false;
    apply();
  }

  // On paper nothing can be unfolded.
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('details:not([open])')];
    for (const one of folded) one.open = true;
  });
  addEventListener('afterprint', () => {
    for (const one of folded) one.open = false;
  });
})();
