/** The application menu: native roles where there are some, pages of the app for the rest. */
import { app, Menu } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';
import type { Publish } from './ipc/publish.ts';

export function setUpMenu(publish: Publish): void {
  const page = (label: string, to: string, accelerator: string): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => publish('navigate', { to }),
  });
  const developer: MenuItemConstructorOptions[] = app.isPackaged
    ? []
    : [{ type: 'separator' }, { role: 'toggleDevTools' }];
  const menu: MenuItemConstructorOptions[] = [
    {
      label: 'File',
      submenu: [
        page('New run', '/new', 'CmdOrCtrl+N'),
        page('Settings', '/settings', 'CmdOrCtrl+,'),
        { type: 'separator' },
        { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        page('Runs', '/runs', 'CmdOrCtrl+1'),
        page('Compare', '/compare', 'CmdOrCtrl+2'),
        page('Evaluate', '/evaluate', 'CmdOrCtrl+3'),
        page('Data', '/data', 'CmdOrCtrl+4'),
        page('Generate', '/generate', 'CmdOrCtrl+5'),
        page('Reports', '/reports', 'CmdOrCtrl+6'),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...developer,
      ],
    },
    { role: 'windowMenu' },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(menu));
}
